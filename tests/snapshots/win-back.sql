-- Which good customers (premium, enterprise, or three purchases and more) have bought nothing for 90 days? Not those who cancelled or logged in during the last two weeks.
-- Users who did PURCHASE_MADE at least once and who never did PURCHASE_MADE in the last 90 days and (whose subscription plan is any of “premium” or “enterprise” or who did PURCHASE_MADE at least 3 times) and who are not among those (who did SUBSCRIPTION_CANCELLED at least once or who did LOGIN at least once in the last 14 days), as of 2026-11-22T00:00:00Z.

-- DuckDB

WITH purchase_made AS (
  /* PURCHASE_MADE, until 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'PURCHASE_MADE'
    AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMP)
  GROUP BY
    user_id
), purchase_made_90d AS (
  /* PURCHASE_MADE, 2026-08-24 to 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'PURCHASE_MADE'
    AND timestamp > CAST('2026-08-24 00:00:00' AS TIMESTAMP)
    AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMP)
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
), login_14d AS (
  /* LOGIN, 2026-11-08 to 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'LOGIN'
    AND timestamp > CAST('2026-11-08 00:00:00' AS TIMESTAMP)
    AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMP)
  GROUP BY
    user_id
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN purchase_made
  ON purchase_made.user_id = u.user_id
LEFT JOIN purchase_made_90d
  ON purchase_made_90d.user_id = u.user_id
LEFT JOIN subscription_cancelled
  ON subscription_cancelled.user_id = u.user_id
LEFT JOIN login_14d
  ON login_14d.user_id = u.user_id
WHERE
  COALESCE(purchase_made.times, 0) >= 1
  AND COALESCE(purchase_made_90d.times, 0) = 0
  AND (
    u.subscription_plan IN ('premium', 'enterprise')
    OR COALESCE(purchase_made.times, 0) >= 3
  )
  AND NOT (
    COALESCE(subscription_cancelled.times, 0) >= 1
    OR COALESCE(login_14d.times, 0) >= 1
  )
ORDER BY
  u.user_id;

-- PostgreSQL

WITH purchase_made AS (
  /* PURCHASE_MADE, until 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'PURCHASE_MADE'
    AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMP)
  GROUP BY
    user_id
), purchase_made_90d AS (
  /* PURCHASE_MADE, 2026-08-24 to 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'PURCHASE_MADE'
    AND timestamp > CAST('2026-08-24 00:00:00' AS TIMESTAMP)
    AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMP)
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
), login_14d AS (
  /* LOGIN, 2026-11-08 to 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'LOGIN'
    AND timestamp > CAST('2026-11-08 00:00:00' AS TIMESTAMP)
    AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMP)
  GROUP BY
    user_id
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN purchase_made
  ON purchase_made.user_id = u.user_id
LEFT JOIN purchase_made_90d
  ON purchase_made_90d.user_id = u.user_id
LEFT JOIN subscription_cancelled
  ON subscription_cancelled.user_id = u.user_id
LEFT JOIN login_14d
  ON login_14d.user_id = u.user_id
WHERE
  COALESCE(purchase_made.times, 0) >= 1
  AND COALESCE(purchase_made_90d.times, 0) = 0
  AND (
    u.subscription_plan IN ('premium', 'enterprise')
    OR COALESCE(purchase_made.times, 0) >= 3
  )
  AND NOT (
    COALESCE(subscription_cancelled.times, 0) >= 1
    OR COALESCE(login_14d.times, 0) >= 1
  )
ORDER BY
  u.user_id;

-- ClickHouse

WITH purchase_made AS (
  /* PURCHASE_MADE, until 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'PURCHASE_MADE'
    AND timestamp <= toDateTime64('2026-11-22 00:00:00', 6, 'UTC')
  GROUP BY
    user_id
), purchase_made_90d AS (
  /* PURCHASE_MADE, 2026-08-24 to 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'PURCHASE_MADE'
    AND timestamp > toDateTime64('2026-08-24 00:00:00', 6, 'UTC')
    AND timestamp <= toDateTime64('2026-11-22 00:00:00', 6, 'UTC')
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
), login_14d AS (
  /* LOGIN, 2026-11-08 to 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'LOGIN'
    AND timestamp > toDateTime64('2026-11-08 00:00:00', 6, 'UTC')
    AND timestamp <= toDateTime64('2026-11-22 00:00:00', 6, 'UTC')
  GROUP BY
    user_id
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN purchase_made
  ON purchase_made.user_id = u.user_id
LEFT JOIN purchase_made_90d
  ON purchase_made_90d.user_id = u.user_id
LEFT JOIN subscription_cancelled
  ON subscription_cancelled.user_id = u.user_id
LEFT JOIN login_14d
  ON login_14d.user_id = u.user_id
WHERE
  COALESCE(purchase_made.times, 0) >= 1
  AND COALESCE(purchase_made_90d.times, 0) = 0
  AND (
    u.subscription_plan IN ('premium', 'enterprise')
    OR COALESCE(purchase_made.times, 0) >= 3
  )
  AND NOT (
    COALESCE(subscription_cancelled.times, 0) >= 1
    OR COALESCE(login_14d.times, 0) >= 1
  )
ORDER BY
  u.user_id
SETTINGS join_use_nulls = 1;

-- Spark

WITH purchase_made AS (
  /* PURCHASE_MADE, until 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'PURCHASE_MADE'
    AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMP)
  GROUP BY
    user_id
), purchase_made_90d AS (
  /* PURCHASE_MADE, 2026-08-24 to 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'PURCHASE_MADE'
    AND timestamp > CAST('2026-08-24 00:00:00' AS TIMESTAMP)
    AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMP)
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
), login_14d AS (
  /* LOGIN, 2026-11-08 to 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'LOGIN'
    AND timestamp > CAST('2026-11-08 00:00:00' AS TIMESTAMP)
    AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMP)
  GROUP BY
    user_id
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN purchase_made
  ON purchase_made.user_id = u.user_id
LEFT JOIN purchase_made_90d
  ON purchase_made_90d.user_id = u.user_id
LEFT JOIN subscription_cancelled
  ON subscription_cancelled.user_id = u.user_id
LEFT JOIN login_14d
  ON login_14d.user_id = u.user_id
WHERE
  COALESCE(purchase_made.times, 0) >= 1
  AND COALESCE(purchase_made_90d.times, 0) = 0
  AND (
    u.subscription_plan IN ('premium', 'enterprise')
    OR COALESCE(purchase_made.times, 0) >= 3
  )
  AND NOT (
    COALESCE(subscription_cancelled.times, 0) >= 1
    OR COALESCE(login_14d.times, 0) >= 1
  )
ORDER BY
  u.user_id;

-- Databricks

WITH purchase_made AS (
  /* PURCHASE_MADE, until 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'PURCHASE_MADE'
    AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMP)
  GROUP BY
    user_id
), purchase_made_90d AS (
  /* PURCHASE_MADE, 2026-08-24 to 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'PURCHASE_MADE'
    AND timestamp > CAST('2026-08-24 00:00:00' AS TIMESTAMP)
    AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMP)
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
), login_14d AS (
  /* LOGIN, 2026-11-08 to 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'LOGIN'
    AND timestamp > CAST('2026-11-08 00:00:00' AS TIMESTAMP)
    AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMP)
  GROUP BY
    user_id
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN purchase_made
  ON purchase_made.user_id = u.user_id
LEFT JOIN purchase_made_90d
  ON purchase_made_90d.user_id = u.user_id
LEFT JOIN subscription_cancelled
  ON subscription_cancelled.user_id = u.user_id
LEFT JOIN login_14d
  ON login_14d.user_id = u.user_id
WHERE
  COALESCE(purchase_made.times, 0) >= 1
  AND COALESCE(purchase_made_90d.times, 0) = 0
  AND (
    u.subscription_plan IN ('premium', 'enterprise')
    OR COALESCE(purchase_made.times, 0) >= 3
  )
  AND NOT (
    COALESCE(subscription_cancelled.times, 0) >= 1
    OR COALESCE(login_14d.times, 0) >= 1
  )
ORDER BY
  u.user_id;

-- Snowflake

WITH purchase_made AS (
  /* PURCHASE_MADE, until 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'PURCHASE_MADE'
    AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMPNTZ)
  GROUP BY
    user_id
), purchase_made_90d AS (
  /* PURCHASE_MADE, 2026-08-24 to 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'PURCHASE_MADE'
    AND timestamp > CAST('2026-08-24 00:00:00' AS TIMESTAMPNTZ)
    AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMPNTZ)
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
), login_14d AS (
  /* LOGIN, 2026-11-08 to 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'LOGIN'
    AND timestamp > CAST('2026-11-08 00:00:00' AS TIMESTAMPNTZ)
    AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMPNTZ)
  GROUP BY
    user_id
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN purchase_made
  ON purchase_made.user_id = u.user_id
LEFT JOIN purchase_made_90d
  ON purchase_made_90d.user_id = u.user_id
LEFT JOIN subscription_cancelled
  ON subscription_cancelled.user_id = u.user_id
LEFT JOIN login_14d
  ON login_14d.user_id = u.user_id
WHERE
  COALESCE(purchase_made.times, 0) >= 1
  AND COALESCE(purchase_made_90d.times, 0) = 0
  AND (
    u.subscription_plan IN ('premium', 'enterprise')
    OR COALESCE(purchase_made.times, 0) >= 3
  )
  AND NOT (
    COALESCE(subscription_cancelled.times, 0) >= 1
    OR COALESCE(login_14d.times, 0) >= 1
  )
ORDER BY
  u.user_id;

-- BigQuery

WITH purchase_made AS (
  /* PURCHASE_MADE, until 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'PURCHASE_MADE'
    AND timestamp <= CAST('2026-11-22 00:00:00' AS DATETIME)
  GROUP BY
    user_id
), purchase_made_90d AS (
  /* PURCHASE_MADE, 2026-08-24 to 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'PURCHASE_MADE'
    AND timestamp > CAST('2026-08-24 00:00:00' AS DATETIME)
    AND timestamp <= CAST('2026-11-22 00:00:00' AS DATETIME)
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
), login_14d AS (
  /* LOGIN, 2026-11-08 to 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'LOGIN'
    AND timestamp > CAST('2026-11-08 00:00:00' AS DATETIME)
    AND timestamp <= CAST('2026-11-22 00:00:00' AS DATETIME)
  GROUP BY
    user_id
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN purchase_made
  ON purchase_made.user_id = u.user_id
LEFT JOIN purchase_made_90d
  ON purchase_made_90d.user_id = u.user_id
LEFT JOIN subscription_cancelled
  ON subscription_cancelled.user_id = u.user_id
LEFT JOIN login_14d
  ON login_14d.user_id = u.user_id
WHERE
  COALESCE(purchase_made.times, 0) >= 1
  AND COALESCE(purchase_made_90d.times, 0) = 0
  AND (
    u.subscription_plan IN ('premium', 'enterprise')
    OR COALESCE(purchase_made.times, 0) >= 3
  )
  AND NOT (
    COALESCE(subscription_cancelled.times, 0) >= 1
    OR COALESCE(login_14d.times, 0) >= 1
  )
ORDER BY
  u.user_id;

-- Trino

WITH purchase_made AS (
  /* PURCHASE_MADE, until 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'PURCHASE_MADE'
    AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMP(6))
  GROUP BY
    user_id
), purchase_made_90d AS (
  /* PURCHASE_MADE, 2026-08-24 to 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'PURCHASE_MADE'
    AND timestamp > CAST('2026-08-24 00:00:00' AS TIMESTAMP(6))
    AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMP(6))
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
), login_14d AS (
  /* LOGIN, 2026-11-08 to 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'LOGIN'
    AND timestamp > CAST('2026-11-08 00:00:00' AS TIMESTAMP(6))
    AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMP(6))
  GROUP BY
    user_id
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN purchase_made
  ON purchase_made.user_id = u.user_id
LEFT JOIN purchase_made_90d
  ON purchase_made_90d.user_id = u.user_id
LEFT JOIN subscription_cancelled
  ON subscription_cancelled.user_id = u.user_id
LEFT JOIN login_14d
  ON login_14d.user_id = u.user_id
WHERE
  COALESCE(purchase_made.times, 0) >= 1
  AND COALESCE(purchase_made_90d.times, 0) = 0
  AND (
    u.subscription_plan IN ('premium', 'enterprise')
    OR COALESCE(purchase_made.times, 0) >= 3
  )
  AND NOT (
    COALESCE(subscription_cancelled.times, 0) >= 1
    OR COALESCE(login_14d.times, 0) >= 1
  )
ORDER BY
  u.user_id;

-- Redshift

WITH purchase_made AS (
  /* PURCHASE_MADE, until 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'PURCHASE_MADE'
    AND "timestamp" <= CAST('2026-11-22 00:00:00' AS TIMESTAMP)
  GROUP BY
    user_id
), purchase_made_90d AS (
  /* PURCHASE_MADE, 2026-08-24 to 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'PURCHASE_MADE'
    AND "timestamp" > CAST('2026-08-24 00:00:00' AS TIMESTAMP)
    AND "timestamp" <= CAST('2026-11-22 00:00:00' AS TIMESTAMP)
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
), login_14d AS (
  /* LOGIN, 2026-11-08 to 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'LOGIN'
    AND "timestamp" > CAST('2026-11-08 00:00:00' AS TIMESTAMP)
    AND "timestamp" <= CAST('2026-11-22 00:00:00' AS TIMESTAMP)
  GROUP BY
    user_id
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN purchase_made
  ON purchase_made.user_id = u.user_id
LEFT JOIN purchase_made_90d
  ON purchase_made_90d.user_id = u.user_id
LEFT JOIN subscription_cancelled
  ON subscription_cancelled.user_id = u.user_id
LEFT JOIN login_14d
  ON login_14d.user_id = u.user_id
WHERE
  COALESCE(purchase_made.times, 0) >= 1
  AND COALESCE(purchase_made_90d.times, 0) = 0
  AND (
    u.subscription_plan IN ('premium', 'enterprise')
    OR COALESCE(purchase_made.times, 0) >= 3
  )
  AND NOT (
    COALESCE(subscription_cancelled.times, 0) >= 1
    OR COALESCE(login_14d.times, 0) >= 1
  )
ORDER BY
  u.user_id;
