-- Which premium and enterprise users were last seen 180 days ago or more, and have not cancelled?
-- Users whose subscription plan is any of “premium” or “enterprise” and whose last event was at least 180 days ago and who are not among those (who did SUBSCRIPTION_CANCELLED at least once), as of 2026-11-22T00:00:00Z.

-- DuckDB

WITH any_event AS (
  /* any event, until 2026-11-22 */
  SELECT
    user_id,
    MAX(timestamp) AS last_time
  FROM user_events
  WHERE
    timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMP)
  GROUP BY
    user_id
), subscription_cancelled AS (
  /* SUBSCRIPTION_CANCELLED, until 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'SUBSCRIPTION_CANCELLED'
    AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMP)
  GROUP BY
    user_id
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN any_event
  ON any_event.user_id = u.user_id
LEFT JOIN subscription_cancelled
  ON subscription_cancelled.user_id = u.user_id
WHERE
  u.subscription_plan IN ('premium', 'enterprise')
  AND any_event.last_time <= CAST('2026-05-26 00:00:00' AS TIMESTAMP)
  AND NOT COALESCE(subscription_cancelled.times, 0) >= 1
ORDER BY
  u.user_id;

-- PostgreSQL

WITH any_event AS (
  /* any event, until 2026-11-22 */
  SELECT
    user_id,
    MAX(timestamp) AS last_time
  FROM user_events
  WHERE
    timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMP)
  GROUP BY
    user_id
), subscription_cancelled AS (
  /* SUBSCRIPTION_CANCELLED, until 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'SUBSCRIPTION_CANCELLED'
    AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMP)
  GROUP BY
    user_id
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN any_event
  ON any_event.user_id = u.user_id
LEFT JOIN subscription_cancelled
  ON subscription_cancelled.user_id = u.user_id
WHERE
  u.subscription_plan IN ('premium', 'enterprise')
  AND any_event.last_time <= CAST('2026-05-26 00:00:00' AS TIMESTAMP)
  AND NOT COALESCE(subscription_cancelled.times, 0) >= 1
ORDER BY
  u.user_id;

-- ClickHouse

WITH any_event AS (
  /* any event, until 2026-11-22 */
  SELECT
    user_id,
    MAX(timestamp) AS last_time
  FROM user_events
  WHERE
    timestamp <= toDateTime64('2026-11-22 00:00:00', 6, 'UTC')
  GROUP BY
    user_id
), subscription_cancelled AS (
  /* SUBSCRIPTION_CANCELLED, until 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'SUBSCRIPTION_CANCELLED'
    AND timestamp <= toDateTime64('2026-11-22 00:00:00', 6, 'UTC')
  GROUP BY
    user_id
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN any_event
  ON any_event.user_id = u.user_id
LEFT JOIN subscription_cancelled
  ON subscription_cancelled.user_id = u.user_id
WHERE
  u.subscription_plan IN ('premium', 'enterprise')
  AND any_event.last_time <= toDateTime64('2026-05-26 00:00:00', 6, 'UTC')
  AND NOT COALESCE(subscription_cancelled.times, 0) >= 1
ORDER BY
  u.user_id
SETTINGS join_use_nulls = 1;

-- Spark

WITH any_event AS (
  /* any event, until 2026-11-22 */
  SELECT
    user_id,
    MAX(timestamp) AS last_time
  FROM user_events
  WHERE
    timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMP)
  GROUP BY
    user_id
), subscription_cancelled AS (
  /* SUBSCRIPTION_CANCELLED, until 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'SUBSCRIPTION_CANCELLED'
    AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMP)
  GROUP BY
    user_id
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN any_event
  ON any_event.user_id = u.user_id
LEFT JOIN subscription_cancelled
  ON subscription_cancelled.user_id = u.user_id
WHERE
  u.subscription_plan IN ('premium', 'enterprise')
  AND any_event.last_time <= CAST('2026-05-26 00:00:00' AS TIMESTAMP)
  AND NOT COALESCE(subscription_cancelled.times, 0) >= 1
ORDER BY
  u.user_id;

-- Databricks

WITH any_event AS (
  /* any event, until 2026-11-22 */
  SELECT
    user_id,
    MAX(timestamp) AS last_time
  FROM user_events
  WHERE
    timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMP)
  GROUP BY
    user_id
), subscription_cancelled AS (
  /* SUBSCRIPTION_CANCELLED, until 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'SUBSCRIPTION_CANCELLED'
    AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMP)
  GROUP BY
    user_id
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN any_event
  ON any_event.user_id = u.user_id
LEFT JOIN subscription_cancelled
  ON subscription_cancelled.user_id = u.user_id
WHERE
  u.subscription_plan IN ('premium', 'enterprise')
  AND any_event.last_time <= CAST('2026-05-26 00:00:00' AS TIMESTAMP)
  AND NOT COALESCE(subscription_cancelled.times, 0) >= 1
ORDER BY
  u.user_id;

-- Snowflake

WITH any_event AS (
  /* any event, until 2026-11-22 */
  SELECT
    user_id,
    MAX(timestamp) AS last_time
  FROM user_events
  WHERE
    timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMPNTZ)
  GROUP BY
    user_id
), subscription_cancelled AS (
  /* SUBSCRIPTION_CANCELLED, until 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'SUBSCRIPTION_CANCELLED'
    AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMPNTZ)
  GROUP BY
    user_id
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN any_event
  ON any_event.user_id = u.user_id
LEFT JOIN subscription_cancelled
  ON subscription_cancelled.user_id = u.user_id
WHERE
  u.subscription_plan IN ('premium', 'enterprise')
  AND any_event.last_time <= CAST('2026-05-26 00:00:00' AS TIMESTAMPNTZ)
  AND NOT COALESCE(subscription_cancelled.times, 0) >= 1
ORDER BY
  u.user_id;

-- BigQuery

WITH any_event AS (
  /* any event, until 2026-11-22 */
  SELECT
    user_id,
    MAX(timestamp) AS last_time
  FROM user_events
  WHERE
    timestamp <= CAST('2026-11-22 00:00:00' AS DATETIME)
  GROUP BY
    user_id
), subscription_cancelled AS (
  /* SUBSCRIPTION_CANCELLED, until 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'SUBSCRIPTION_CANCELLED'
    AND timestamp <= CAST('2026-11-22 00:00:00' AS DATETIME)
  GROUP BY
    user_id
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN any_event
  ON any_event.user_id = u.user_id
LEFT JOIN subscription_cancelled
  ON subscription_cancelled.user_id = u.user_id
WHERE
  u.subscription_plan IN ('premium', 'enterprise')
  AND any_event.last_time <= CAST('2026-05-26 00:00:00' AS DATETIME)
  AND NOT COALESCE(subscription_cancelled.times, 0) >= 1
ORDER BY
  u.user_id;

-- Trino

WITH any_event AS (
  /* any event, until 2026-11-22 */
  SELECT
    user_id,
    MAX(timestamp) AS last_time
  FROM user_events
  WHERE
    timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMP(6))
  GROUP BY
    user_id
), subscription_cancelled AS (
  /* SUBSCRIPTION_CANCELLED, until 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'SUBSCRIPTION_CANCELLED'
    AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMP(6))
  GROUP BY
    user_id
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN any_event
  ON any_event.user_id = u.user_id
LEFT JOIN subscription_cancelled
  ON subscription_cancelled.user_id = u.user_id
WHERE
  u.subscription_plan IN ('premium', 'enterprise')
  AND any_event.last_time <= CAST('2026-05-26 00:00:00' AS TIMESTAMP(6))
  AND NOT COALESCE(subscription_cancelled.times, 0) >= 1
ORDER BY
  u.user_id;

-- Redshift

WITH any_event AS (
  /* any event, until 2026-11-22 */
  SELECT
    user_id,
    MAX("timestamp") AS last_time
  FROM user_events
  WHERE
    "timestamp" <= CAST('2026-11-22 00:00:00' AS TIMESTAMP)
  GROUP BY
    user_id
), subscription_cancelled AS (
  /* SUBSCRIPTION_CANCELLED, until 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'SUBSCRIPTION_CANCELLED'
    AND "timestamp" <= CAST('2026-11-22 00:00:00' AS TIMESTAMP)
  GROUP BY
    user_id
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN any_event
  ON any_event.user_id = u.user_id
LEFT JOIN subscription_cancelled
  ON subscription_cancelled.user_id = u.user_id
WHERE
  u.subscription_plan IN ('premium', 'enterprise')
  AND any_event.last_time <= CAST('2026-05-26 00:00:00' AS TIMESTAMP)
  AND NOT COALESCE(subscription_cancelled.times, 0) >= 1
ORDER BY
  u.user_id;
