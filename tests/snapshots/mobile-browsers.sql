-- Which mobile users looked at three products or more in the last 90 days, and bought nothing?
-- Users whose device type is “mobile” and who did PRODUCT_VIEWED at least 3 times in the last 90 days and who never did PURCHASE_MADE in the last 90 days, as of 2026-11-22T00:00:00Z.

-- DuckDB

WITH product_viewed_90d AS (
  /* PRODUCT_VIEWED, 2026-08-24 to 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'PRODUCT_VIEWED'
    AND timestamp > CAST('2026-08-24 00:00:00' AS TIMESTAMP)
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
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN product_viewed_90d
  ON product_viewed_90d.user_id = u.user_id
LEFT JOIN purchase_made_90d
  ON purchase_made_90d.user_id = u.user_id
WHERE
  u.device_type = 'mobile'
  AND COALESCE(product_viewed_90d.times, 0) >= 3
  AND COALESCE(purchase_made_90d.times, 0) = 0
ORDER BY
  u.user_id;

-- PostgreSQL

WITH product_viewed_90d AS (
  /* PRODUCT_VIEWED, 2026-08-24 to 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'PRODUCT_VIEWED'
    AND timestamp > CAST('2026-08-24 00:00:00' AS TIMESTAMP)
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
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN product_viewed_90d
  ON product_viewed_90d.user_id = u.user_id
LEFT JOIN purchase_made_90d
  ON purchase_made_90d.user_id = u.user_id
WHERE
  u.device_type = 'mobile'
  AND COALESCE(product_viewed_90d.times, 0) >= 3
  AND COALESCE(purchase_made_90d.times, 0) = 0
ORDER BY
  u.user_id;

-- ClickHouse

WITH product_viewed_90d AS (
  /* PRODUCT_VIEWED, 2026-08-24 to 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'PRODUCT_VIEWED'
    AND timestamp > toDateTime64('2026-08-24 00:00:00', 6, 'UTC')
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
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN product_viewed_90d
  ON product_viewed_90d.user_id = u.user_id
LEFT JOIN purchase_made_90d
  ON purchase_made_90d.user_id = u.user_id
WHERE
  u.device_type = 'mobile'
  AND COALESCE(product_viewed_90d.times, 0) >= 3
  AND COALESCE(purchase_made_90d.times, 0) = 0
ORDER BY
  u.user_id
SETTINGS join_use_nulls = 1;

-- Spark

WITH product_viewed_90d AS (
  /* PRODUCT_VIEWED, 2026-08-24 to 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'PRODUCT_VIEWED'
    AND timestamp > CAST('2026-08-24 00:00:00' AS TIMESTAMP)
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
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN product_viewed_90d
  ON product_viewed_90d.user_id = u.user_id
LEFT JOIN purchase_made_90d
  ON purchase_made_90d.user_id = u.user_id
WHERE
  u.device_type = 'mobile'
  AND COALESCE(product_viewed_90d.times, 0) >= 3
  AND COALESCE(purchase_made_90d.times, 0) = 0
ORDER BY
  u.user_id;

-- Databricks

WITH product_viewed_90d AS (
  /* PRODUCT_VIEWED, 2026-08-24 to 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'PRODUCT_VIEWED'
    AND timestamp > CAST('2026-08-24 00:00:00' AS TIMESTAMP)
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
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN product_viewed_90d
  ON product_viewed_90d.user_id = u.user_id
LEFT JOIN purchase_made_90d
  ON purchase_made_90d.user_id = u.user_id
WHERE
  u.device_type = 'mobile'
  AND COALESCE(product_viewed_90d.times, 0) >= 3
  AND COALESCE(purchase_made_90d.times, 0) = 0
ORDER BY
  u.user_id;

-- Snowflake

WITH product_viewed_90d AS (
  /* PRODUCT_VIEWED, 2026-08-24 to 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'PRODUCT_VIEWED'
    AND timestamp > CAST('2026-08-24 00:00:00' AS TIMESTAMPNTZ)
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
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN product_viewed_90d
  ON product_viewed_90d.user_id = u.user_id
LEFT JOIN purchase_made_90d
  ON purchase_made_90d.user_id = u.user_id
WHERE
  u.device_type = 'mobile'
  AND COALESCE(product_viewed_90d.times, 0) >= 3
  AND COALESCE(purchase_made_90d.times, 0) = 0
ORDER BY
  u.user_id;

-- BigQuery

WITH product_viewed_90d AS (
  /* PRODUCT_VIEWED, 2026-08-24 to 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'PRODUCT_VIEWED'
    AND timestamp > CAST('2026-08-24 00:00:00' AS DATETIME)
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
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN product_viewed_90d
  ON product_viewed_90d.user_id = u.user_id
LEFT JOIN purchase_made_90d
  ON purchase_made_90d.user_id = u.user_id
WHERE
  u.device_type = 'mobile'
  AND COALESCE(product_viewed_90d.times, 0) >= 3
  AND COALESCE(purchase_made_90d.times, 0) = 0
ORDER BY
  u.user_id;

-- Trino

WITH product_viewed_90d AS (
  /* PRODUCT_VIEWED, 2026-08-24 to 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'PRODUCT_VIEWED'
    AND timestamp > CAST('2026-08-24 00:00:00' AS TIMESTAMP(6))
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
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN product_viewed_90d
  ON product_viewed_90d.user_id = u.user_id
LEFT JOIN purchase_made_90d
  ON purchase_made_90d.user_id = u.user_id
WHERE
  u.device_type = 'mobile'
  AND COALESCE(product_viewed_90d.times, 0) >= 3
  AND COALESCE(purchase_made_90d.times, 0) = 0
ORDER BY
  u.user_id;

-- Redshift

WITH product_viewed_90d AS (
  /* PRODUCT_VIEWED, 2026-08-24 to 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'PRODUCT_VIEWED'
    AND "timestamp" > CAST('2026-08-24 00:00:00' AS TIMESTAMP)
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
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN product_viewed_90d
  ON product_viewed_90d.user_id = u.user_id
LEFT JOIN purchase_made_90d
  ON purchase_made_90d.user_id = u.user_id
WHERE
  u.device_type = 'mobile'
  AND COALESCE(product_viewed_90d.times, 0) >= 3
  AND COALESCE(purchase_made_90d.times, 0) = 0
ORDER BY
  u.user_id;
