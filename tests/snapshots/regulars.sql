-- Who visited on four different days or more in the last 180 days, by the calendar of Los Angeles?
-- Users who did any event on at least 4 different days in the last 180 days, as of 2026-11-22T00:00:00Z, in America/Los_Angeles time.

-- DuckDB

WITH any_event_180d AS (
  /* any event, 2026-05-26 to 2026-11-22 */
  SELECT
    user_id,
    COUNT(
      DISTINCT CASE
        WHEN timestamp < CAST('2026-11-01 08:00:00' AS TIMESTAMP)
        THEN CAST(timestamp - INTERVAL '7' HOUR AS DATE)
        ELSE CAST(timestamp - INTERVAL '8' HOUR AS DATE)
      END
    ) AS active_days
  FROM user_events
  WHERE
    timestamp > CAST('2026-05-26 00:00:00' AS TIMESTAMP)
    AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMP)
  GROUP BY
    user_id
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN any_event_180d
  ON any_event_180d.user_id = u.user_id
WHERE
  COALESCE(any_event_180d.active_days, 0) >= 4
ORDER BY
  u.user_id;

-- PostgreSQL

WITH any_event_180d AS (
  /* any event, 2026-05-26 to 2026-11-22 */
  SELECT
    user_id,
    COUNT(
      DISTINCT CASE
        WHEN timestamp < CAST('2026-11-01 08:00:00' AS TIMESTAMP)
        THEN CAST(timestamp - INTERVAL '7 HOUR' AS DATE)
        ELSE CAST(timestamp - INTERVAL '8 HOUR' AS DATE)
      END
    ) AS active_days
  FROM user_events
  WHERE
    timestamp > CAST('2026-05-26 00:00:00' AS TIMESTAMP)
    AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMP)
  GROUP BY
    user_id
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN any_event_180d
  ON any_event_180d.user_id = u.user_id
WHERE
  COALESCE(any_event_180d.active_days, 0) >= 4
ORDER BY
  u.user_id;

-- ClickHouse

WITH any_event_180d AS (
  /* any event, 2026-05-26 to 2026-11-22 */
  SELECT
    user_id,
    COUNT(
      DISTINCT CASE
        WHEN timestamp < toDateTime64('2026-11-01 08:00:00', 6, 'UTC')
        THEN toDate32(timestamp - INTERVAL '7' HOUR, 'UTC')
        ELSE toDate32(timestamp - INTERVAL '8' HOUR, 'UTC')
      END
    ) AS active_days
  FROM user_events
  WHERE
    timestamp > toDateTime64('2026-05-26 00:00:00', 6, 'UTC')
    AND timestamp <= toDateTime64('2026-11-22 00:00:00', 6, 'UTC')
  GROUP BY
    user_id
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN any_event_180d
  ON any_event_180d.user_id = u.user_id
WHERE
  COALESCE(any_event_180d.active_days, 0) >= 4
ORDER BY
  u.user_id
SETTINGS join_use_nulls = 1;

-- Spark

WITH any_event_180d AS (
  /* any event, 2026-05-26 to 2026-11-22 */
  SELECT
    user_id,
    COUNT(
      DISTINCT CASE
        WHEN timestamp < CAST('2026-11-01 08:00:00' AS TIMESTAMP)
        THEN CAST(timestamp - INTERVAL '7' HOUR AS DATE)
        ELSE CAST(timestamp - INTERVAL '8' HOUR AS DATE)
      END
    ) AS active_days
  FROM user_events
  WHERE
    timestamp > CAST('2026-05-26 00:00:00' AS TIMESTAMP)
    AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMP)
  GROUP BY
    user_id
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN any_event_180d
  ON any_event_180d.user_id = u.user_id
WHERE
  COALESCE(any_event_180d.active_days, 0) >= 4
ORDER BY
  u.user_id;

-- Databricks

WITH any_event_180d AS (
  /* any event, 2026-05-26 to 2026-11-22 */
  SELECT
    user_id,
    COUNT(
      DISTINCT CASE
        WHEN timestamp < CAST('2026-11-01 08:00:00' AS TIMESTAMP)
        THEN CAST(timestamp - INTERVAL '7' HOUR AS DATE)
        ELSE CAST(timestamp - INTERVAL '8' HOUR AS DATE)
      END
    ) AS active_days
  FROM user_events
  WHERE
    timestamp > CAST('2026-05-26 00:00:00' AS TIMESTAMP)
    AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMP)
  GROUP BY
    user_id
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN any_event_180d
  ON any_event_180d.user_id = u.user_id
WHERE
  COALESCE(any_event_180d.active_days, 0) >= 4
ORDER BY
  u.user_id;

-- Snowflake

WITH any_event_180d AS (
  /* any event, 2026-05-26 to 2026-11-22 */
  SELECT
    user_id,
    COUNT(
      DISTINCT CASE
        WHEN timestamp < CAST('2026-11-01 08:00:00' AS TIMESTAMPNTZ)
        THEN CAST(timestamp - INTERVAL '7 HOUR' AS DATE)
        ELSE CAST(timestamp - INTERVAL '8 HOUR' AS DATE)
      END
    ) AS active_days
  FROM user_events
  WHERE
    timestamp > CAST('2026-05-26 00:00:00' AS TIMESTAMPNTZ)
    AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMPNTZ)
  GROUP BY
    user_id
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN any_event_180d
  ON any_event_180d.user_id = u.user_id
WHERE
  COALESCE(any_event_180d.active_days, 0) >= 4
ORDER BY
  u.user_id;

-- BigQuery

WITH any_event_180d AS (
  /* any event, 2026-05-26 to 2026-11-22 */
  SELECT
    user_id,
    COUNT(
      DISTINCT CASE
        WHEN timestamp < CAST('2026-11-01 08:00:00' AS DATETIME)
        THEN CAST(timestamp - INTERVAL 7 HOUR AS DATE)
        ELSE CAST(timestamp - INTERVAL 8 HOUR AS DATE)
      END
    ) AS active_days
  FROM user_events
  WHERE
    timestamp > CAST('2026-05-26 00:00:00' AS DATETIME)
    AND timestamp <= CAST('2026-11-22 00:00:00' AS DATETIME)
  GROUP BY
    user_id
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN any_event_180d
  ON any_event_180d.user_id = u.user_id
WHERE
  COALESCE(any_event_180d.active_days, 0) >= 4
ORDER BY
  u.user_id;

-- Trino

WITH any_event_180d AS (
  /* any event, 2026-05-26 to 2026-11-22 */
  SELECT
    user_id,
    COUNT(
      DISTINCT CASE
        WHEN timestamp < CAST('2026-11-01 08:00:00' AS TIMESTAMP(6))
        THEN CAST(timestamp - INTERVAL '7' HOUR AS DATE)
        ELSE CAST(timestamp - INTERVAL '8' HOUR AS DATE)
      END
    ) AS active_days
  FROM user_events
  WHERE
    timestamp > CAST('2026-05-26 00:00:00' AS TIMESTAMP(6))
    AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMP(6))
  GROUP BY
    user_id
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN any_event_180d
  ON any_event_180d.user_id = u.user_id
WHERE
  COALESCE(any_event_180d.active_days, 0) >= 4
ORDER BY
  u.user_id;

-- Redshift

WITH any_event_180d AS (
  /* any event, 2026-05-26 to 2026-11-22 */
  SELECT
    user_id,
    COUNT(
      DISTINCT CASE
        WHEN "timestamp" < CAST('2026-11-01 08:00:00' AS TIMESTAMP)
        THEN CAST("timestamp" - INTERVAL '7 HOUR' AS DATE)
        ELSE CAST("timestamp" - INTERVAL '8 HOUR' AS DATE)
      END
    ) AS active_days
  FROM user_events
  WHERE
    "timestamp" > CAST('2026-05-26 00:00:00' AS TIMESTAMP)
    AND "timestamp" <= CAST('2026-11-22 00:00:00' AS TIMESTAMP)
  GROUP BY
    user_id
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN any_event_180d
  ON any_event_180d.user_id = u.user_id
WHERE
  COALESCE(any_event_180d.active_days, 0) >= 4
ORDER BY
  u.user_id;
