-- Which premium users bought something in the last 30 days?
-- Users whose subscription plan is “premium” and who did PURCHASE_MADE at least once in the last 30 days, as of 2026-11-22T00:00:00Z.

-- DuckDB

WITH purchase_made_30d AS (
  /* PURCHASE_MADE, 2026-10-23 to 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'PURCHASE_MADE'
    AND timestamp > CAST('2026-10-23 00:00:00' AS TIMESTAMP)
    AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMP)
  GROUP BY
    user_id
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN purchase_made_30d
  ON purchase_made_30d.user_id = u.user_id
WHERE
  u.subscription_plan = 'premium'
  AND COALESCE(purchase_made_30d.times, 0) >= 1
ORDER BY
  u.user_id;

-- PostgreSQL

WITH purchase_made_30d AS (
  /* PURCHASE_MADE, 2026-10-23 to 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'PURCHASE_MADE'
    AND timestamp > CAST('2026-10-23 00:00:00' AS TIMESTAMP)
    AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMP)
  GROUP BY
    user_id
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN purchase_made_30d
  ON purchase_made_30d.user_id = u.user_id
WHERE
  u.subscription_plan = 'premium'
  AND COALESCE(purchase_made_30d.times, 0) >= 1
ORDER BY
  u.user_id;

-- ClickHouse

WITH purchase_made_30d AS (
  /* PURCHASE_MADE, 2026-10-23 to 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'PURCHASE_MADE'
    AND timestamp > toDateTime64('2026-10-23 00:00:00', 6, 'UTC')
    AND timestamp <= toDateTime64('2026-11-22 00:00:00', 6, 'UTC')
  GROUP BY
    user_id
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN purchase_made_30d
  ON purchase_made_30d.user_id = u.user_id
WHERE
  u.subscription_plan = 'premium'
  AND COALESCE(purchase_made_30d.times, 0) >= 1
ORDER BY
  u.user_id
SETTINGS join_use_nulls = 1;

-- Spark

WITH purchase_made_30d AS (
  /* PURCHASE_MADE, 2026-10-23 to 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'PURCHASE_MADE'
    AND timestamp > CAST('2026-10-23 00:00:00' AS TIMESTAMP)
    AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMP)
  GROUP BY
    user_id
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN purchase_made_30d
  ON purchase_made_30d.user_id = u.user_id
WHERE
  u.subscription_plan = 'premium'
  AND COALESCE(purchase_made_30d.times, 0) >= 1
ORDER BY
  u.user_id;

-- Databricks

WITH purchase_made_30d AS (
  /* PURCHASE_MADE, 2026-10-23 to 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'PURCHASE_MADE'
    AND timestamp > CAST('2026-10-23 00:00:00' AS TIMESTAMP)
    AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMP)
  GROUP BY
    user_id
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN purchase_made_30d
  ON purchase_made_30d.user_id = u.user_id
WHERE
  u.subscription_plan = 'premium'
  AND COALESCE(purchase_made_30d.times, 0) >= 1
ORDER BY
  u.user_id;

-- Snowflake

WITH purchase_made_30d AS (
  /* PURCHASE_MADE, 2026-10-23 to 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'PURCHASE_MADE'
    AND timestamp > CAST('2026-10-23 00:00:00' AS TIMESTAMPNTZ)
    AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMPNTZ)
  GROUP BY
    user_id
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN purchase_made_30d
  ON purchase_made_30d.user_id = u.user_id
WHERE
  u.subscription_plan = 'premium'
  AND COALESCE(purchase_made_30d.times, 0) >= 1
ORDER BY
  u.user_id;

-- BigQuery

WITH purchase_made_30d AS (
  /* PURCHASE_MADE, 2026-10-23 to 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'PURCHASE_MADE'
    AND timestamp > CAST('2026-10-23 00:00:00' AS DATETIME)
    AND timestamp <= CAST('2026-11-22 00:00:00' AS DATETIME)
  GROUP BY
    user_id
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN purchase_made_30d
  ON purchase_made_30d.user_id = u.user_id
WHERE
  u.subscription_plan = 'premium'
  AND COALESCE(purchase_made_30d.times, 0) >= 1
ORDER BY
  u.user_id;

-- Trino

WITH purchase_made_30d AS (
  /* PURCHASE_MADE, 2026-10-23 to 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'PURCHASE_MADE'
    AND timestamp > CAST('2026-10-23 00:00:00' AS TIMESTAMP(6))
    AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMP(6))
  GROUP BY
    user_id
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN purchase_made_30d
  ON purchase_made_30d.user_id = u.user_id
WHERE
  u.subscription_plan = 'premium'
  AND COALESCE(purchase_made_30d.times, 0) >= 1
ORDER BY
  u.user_id;

-- Redshift

WITH purchase_made_30d AS (
  /* PURCHASE_MADE, 2026-10-23 to 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'PURCHASE_MADE'
    AND "timestamp" > CAST('2026-10-23 00:00:00' AS TIMESTAMP)
    AND "timestamp" <= CAST('2026-11-22 00:00:00' AS TIMESTAMP)
  GROUP BY
    user_id
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN purchase_made_30d
  ON purchase_made_30d.user_id = u.user_id
WHERE
  u.subscription_plan = 'premium'
  AND COALESCE(purchase_made_30d.times, 0) >= 1
ORDER BY
  u.user_id;
