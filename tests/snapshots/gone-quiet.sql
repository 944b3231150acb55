-- Which paying users did three things or more between 60 and 30 days ago, and nothing since?
-- Users whose subscription plan is not “free” and who did any event at least 3 times from 60 to 30 days ago and who never did any event in the last 30 days, as of 2026-11-22T00:00:00Z.

-- DuckDB

WITH any_event_30d AS (
  /* any event, 2026-09-23 to 2026-10-23 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    timestamp > CAST('2026-09-23 00:00:00' AS TIMESTAMP)
    AND timestamp <= CAST('2026-10-23 00:00:00' AS TIMESTAMP)
  GROUP BY
    user_id
), any_event_2_30d AS (
  /* any event, 2026-10-23 to 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    timestamp > CAST('2026-10-23 00:00:00' AS TIMESTAMP)
    AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMP)
  GROUP BY
    user_id
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN any_event_30d
  ON any_event_30d.user_id = u.user_id
LEFT JOIN any_event_2_30d
  ON any_event_2_30d.user_id = u.user_id
WHERE
  NOT COALESCE(u.subscription_plan = 'free', FALSE)
  AND COALESCE(any_event_30d.times, 0) >= 3
  AND COALESCE(any_event_2_30d.times, 0) = 0
ORDER BY
  u.user_id;

-- PostgreSQL

WITH any_event_30d AS (
  /* any event, 2026-09-23 to 2026-10-23 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    timestamp > CAST('2026-09-23 00:00:00' AS TIMESTAMP)
    AND timestamp <= CAST('2026-10-23 00:00:00' AS TIMESTAMP)
  GROUP BY
    user_id
), any_event_2_30d AS (
  /* any event, 2026-10-23 to 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    timestamp > CAST('2026-10-23 00:00:00' AS TIMESTAMP)
    AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMP)
  GROUP BY
    user_id
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN any_event_30d
  ON any_event_30d.user_id = u.user_id
LEFT JOIN any_event_2_30d
  ON any_event_2_30d.user_id = u.user_id
WHERE
  NOT COALESCE(u.subscription_plan = 'free', FALSE)
  AND COALESCE(any_event_30d.times, 0) >= 3
  AND COALESCE(any_event_2_30d.times, 0) = 0
ORDER BY
  u.user_id;

-- ClickHouse

WITH any_event_30d AS (
  /* any event, 2026-09-23 to 2026-10-23 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    timestamp > toDateTime64('2026-09-23 00:00:00', 6, 'UTC')
    AND timestamp <= toDateTime64('2026-10-23 00:00:00', 6, 'UTC')
  GROUP BY
    user_id
), any_event_2_30d AS (
  /* any event, 2026-10-23 to 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    timestamp > toDateTime64('2026-10-23 00:00:00', 6, 'UTC')
    AND timestamp <= toDateTime64('2026-11-22 00:00:00', 6, 'UTC')
  GROUP BY
    user_id
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN any_event_30d
  ON any_event_30d.user_id = u.user_id
LEFT JOIN any_event_2_30d
  ON any_event_2_30d.user_id = u.user_id
WHERE
  NOT COALESCE(u.subscription_plan = 'free', FALSE)
  AND COALESCE(any_event_30d.times, 0) >= 3
  AND COALESCE(any_event_2_30d.times, 0) = 0
ORDER BY
  u.user_id
SETTINGS join_use_nulls = 1;

-- Spark

WITH any_event_30d AS (
  /* any event, 2026-09-23 to 2026-10-23 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    timestamp > CAST('2026-09-23 00:00:00' AS TIMESTAMP)
    AND timestamp <= CAST('2026-10-23 00:00:00' AS TIMESTAMP)
  GROUP BY
    user_id
), any_event_2_30d AS (
  /* any event, 2026-10-23 to 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    timestamp > CAST('2026-10-23 00:00:00' AS TIMESTAMP)
    AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMP)
  GROUP BY
    user_id
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN any_event_30d
  ON any_event_30d.user_id = u.user_id
LEFT JOIN any_event_2_30d
  ON any_event_2_30d.user_id = u.user_id
WHERE
  NOT COALESCE(u.subscription_plan = 'free', FALSE)
  AND COALESCE(any_event_30d.times, 0) >= 3
  AND COALESCE(any_event_2_30d.times, 0) = 0
ORDER BY
  u.user_id;

-- Databricks

WITH any_event_30d AS (
  /* any event, 2026-09-23 to 2026-10-23 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    timestamp > CAST('2026-09-23 00:00:00' AS TIMESTAMP)
    AND timestamp <= CAST('2026-10-23 00:00:00' AS TIMESTAMP)
  GROUP BY
    user_id
), any_event_2_30d AS (
  /* any event, 2026-10-23 to 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    timestamp > CAST('2026-10-23 00:00:00' AS TIMESTAMP)
    AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMP)
  GROUP BY
    user_id
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN any_event_30d
  ON any_event_30d.user_id = u.user_id
LEFT JOIN any_event_2_30d
  ON any_event_2_30d.user_id = u.user_id
WHERE
  NOT COALESCE(u.subscription_plan = 'free', FALSE)
  AND COALESCE(any_event_30d.times, 0) >= 3
  AND COALESCE(any_event_2_30d.times, 0) = 0
ORDER BY
  u.user_id;

-- Snowflake

WITH any_event_30d AS (
  /* any event, 2026-09-23 to 2026-10-23 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    timestamp > CAST('2026-09-23 00:00:00' AS TIMESTAMPNTZ)
    AND timestamp <= CAST('2026-10-23 00:00:00' AS TIMESTAMPNTZ)
  GROUP BY
    user_id
), any_event_2_30d AS (
  /* any event, 2026-10-23 to 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    timestamp > CAST('2026-10-23 00:00:00' AS TIMESTAMPNTZ)
    AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMPNTZ)
  GROUP BY
    user_id
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN any_event_30d
  ON any_event_30d.user_id = u.user_id
LEFT JOIN any_event_2_30d
  ON any_event_2_30d.user_id = u.user_id
WHERE
  NOT COALESCE(u.subscription_plan = 'free', FALSE)
  AND COALESCE(any_event_30d.times, 0) >= 3
  AND COALESCE(any_event_2_30d.times, 0) = 0
ORDER BY
  u.user_id;

-- BigQuery

WITH any_event_30d AS (
  /* any event, 2026-09-23 to 2026-10-23 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    timestamp > CAST('2026-09-23 00:00:00' AS DATETIME)
    AND timestamp <= CAST('2026-10-23 00:00:00' AS DATETIME)
  GROUP BY
    user_id
), any_event_2_30d AS (
  /* any event, 2026-10-23 to 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    timestamp > CAST('2026-10-23 00:00:00' AS DATETIME)
    AND timestamp <= CAST('2026-11-22 00:00:00' AS DATETIME)
  GROUP BY
    user_id
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN any_event_30d
  ON any_event_30d.user_id = u.user_id
LEFT JOIN any_event_2_30d
  ON any_event_2_30d.user_id = u.user_id
WHERE
  NOT COALESCE(u.subscription_plan = 'free', FALSE)
  AND COALESCE(any_event_30d.times, 0) >= 3
  AND COALESCE(any_event_2_30d.times, 0) = 0
ORDER BY
  u.user_id;

-- Trino

WITH any_event_30d AS (
  /* any event, 2026-09-23 to 2026-10-23 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    timestamp > CAST('2026-09-23 00:00:00' AS TIMESTAMP(6))
    AND timestamp <= CAST('2026-10-23 00:00:00' AS TIMESTAMP(6))
  GROUP BY
    user_id
), any_event_2_30d AS (
  /* any event, 2026-10-23 to 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    timestamp > CAST('2026-10-23 00:00:00' AS TIMESTAMP(6))
    AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMP(6))
  GROUP BY
    user_id
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN any_event_30d
  ON any_event_30d.user_id = u.user_id
LEFT JOIN any_event_2_30d
  ON any_event_2_30d.user_id = u.user_id
WHERE
  NOT COALESCE(u.subscription_plan = 'free', FALSE)
  AND COALESCE(any_event_30d.times, 0) >= 3
  AND COALESCE(any_event_2_30d.times, 0) = 0
ORDER BY
  u.user_id;

-- Redshift

WITH any_event_30d AS (
  /* any event, 2026-09-23 to 2026-10-23 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    "timestamp" > CAST('2026-09-23 00:00:00' AS TIMESTAMP)
    AND "timestamp" <= CAST('2026-10-23 00:00:00' AS TIMESTAMP)
  GROUP BY
    user_id
), any_event_2_30d AS (
  /* any event, 2026-10-23 to 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    "timestamp" > CAST('2026-10-23 00:00:00' AS TIMESTAMP)
    AND "timestamp" <= CAST('2026-11-22 00:00:00' AS TIMESTAMP)
  GROUP BY
    user_id
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN any_event_30d
  ON any_event_30d.user_id = u.user_id
LEFT JOIN any_event_2_30d
  ON any_event_2_30d.user_id = u.user_id
WHERE
  NOT COALESCE(u.subscription_plan = 'free', FALSE)
  AND COALESCE(any_event_30d.times, 0) >= 3
  AND COALESCE(any_event_2_30d.times, 0) = 0
ORDER BY
  u.user_id;
