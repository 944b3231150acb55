-- Who visited in the last 90 days and has not told us their gender yet?
-- Users whose gender is unknown and who did any event at least once in the last 90 days, as of 2026-11-22T00:00:00Z.

-- DuckDB

WITH any_event_90d AS (
  /* any event, 2026-08-24 to 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    timestamp > CAST('2026-08-24 00:00:00' AS TIMESTAMP)
    AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMP)
  GROUP BY
    user_id
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN any_event_90d
  ON any_event_90d.user_id = u.user_id
WHERE
  u.gender IS NULL AND COALESCE(any_event_90d.times, 0) >= 1
ORDER BY
  u.user_id;

-- PostgreSQL

WITH any_event_90d AS (
  /* any event, 2026-08-24 to 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    timestamp > CAST('2026-08-24 00:00:00' AS TIMESTAMP)
    AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMP)
  GROUP BY
    user_id
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN any_event_90d
  ON any_event_90d.user_id = u.user_id
WHERE
  u.gender IS NULL AND COALESCE(any_event_90d.times, 0) >= 1
ORDER BY
  u.user_id;

-- ClickHouse

WITH any_event_90d AS (
  /* any event, 2026-08-24 to 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    timestamp > toDateTime64('2026-08-24 00:00:00', 6, 'UTC')
    AND timestamp <= toDateTime64('2026-11-22 00:00:00', 6, 'UTC')
  GROUP BY
    user_id
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN any_event_90d
  ON any_event_90d.user_id = u.user_id
WHERE
  u.gender IS NULL AND COALESCE(any_event_90d.times, 0) >= 1
ORDER BY
  u.user_id
SETTINGS join_use_nulls = 1;

-- Spark

WITH any_event_90d AS (
  /* any event, 2026-08-24 to 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    timestamp > CAST('2026-08-24 00:00:00' AS TIMESTAMP)
    AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMP)
  GROUP BY
    user_id
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN any_event_90d
  ON any_event_90d.user_id = u.user_id
WHERE
  u.gender IS NULL AND COALESCE(any_event_90d.times, 0) >= 1
ORDER BY
  u.user_id;

-- Databricks

WITH any_event_90d AS (
  /* any event, 2026-08-24 to 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    timestamp > CAST('2026-08-24 00:00:00' AS TIMESTAMP)
    AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMP)
  GROUP BY
    user_id
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN any_event_90d
  ON any_event_90d.user_id = u.user_id
WHERE
  u.gender IS NULL AND COALESCE(any_event_90d.times, 0) >= 1
ORDER BY
  u.user_id;

-- Snowflake

WITH any_event_90d AS (
  /* any event, 2026-08-24 to 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    timestamp > CAST('2026-08-24 00:00:00' AS TIMESTAMPNTZ)
    AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMPNTZ)
  GROUP BY
    user_id
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN any_event_90d
  ON any_event_90d.user_id = u.user_id
WHERE
  u.gender IS NULL AND COALESCE(any_event_90d.times, 0) >= 1
ORDER BY
  u.user_id;

-- BigQuery

WITH any_event_90d AS (
  /* any event, 2026-08-24 to 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    timestamp > CAST('2026-08-24 00:00:00' AS DATETIME)
    AND timestamp <= CAST('2026-11-22 00:00:00' AS DATETIME)
  GROUP BY
    user_id
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN any_event_90d
  ON any_event_90d.user_id = u.user_id
WHERE
  u.gender IS NULL AND COALESCE(any_event_90d.times, 0) >= 1
ORDER BY
  u.user_id;

-- Trino

WITH any_event_90d AS (
  /* any event, 2026-08-24 to 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    timestamp > CAST('2026-08-24 00:00:00' AS TIMESTAMP(6))
    AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMP(6))
  GROUP BY
    user_id
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN any_event_90d
  ON any_event_90d.user_id = u.user_id
WHERE
  u.gender IS NULL AND COALESCE(any_event_90d.times, 0) >= 1
ORDER BY
  u.user_id;

-- Redshift

WITH any_event_90d AS (
  /* any event, 2026-08-24 to 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    "timestamp" > CAST('2026-08-24 00:00:00' AS TIMESTAMP)
    AND "timestamp" <= CAST('2026-11-22 00:00:00' AS TIMESTAMP)
  GROUP BY
    user_id
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN any_event_90d
  ON any_event_90d.user_id = u.user_id
WHERE
  u.gender IS NULL AND COALESCE(any_event_90d.times, 0) >= 1
ORDER BY
  u.user_id;
