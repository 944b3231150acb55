-- Who bought something in the last year, but viewed products more than three times as often?
-- Users whose number of PRODUCT_VIEWED in the last 365 days is more than 3 times the number of PURCHASE_MADE in the last 365 days and who did PURCHASE_MADE at least once in the last 365 days, as of 2026-11-22T00:00:00Z.

-- DuckDB

WITH product_viewed_365d AS (
  /* PRODUCT_VIEWED, 2025-11-22 to 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'PRODUCT_VIEWED'
    AND timestamp > CAST('2025-11-22 00:00:00' AS TIMESTAMP)
    AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMP)
  GROUP BY
    user_id
), purchase_made_365d AS (
  /* PURCHASE_MADE, 2025-11-22 to 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'PURCHASE_MADE'
    AND timestamp > CAST('2025-11-22 00:00:00' AS TIMESTAMP)
    AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMP)
  GROUP BY
    user_id
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN product_viewed_365d
  ON product_viewed_365d.user_id = u.user_id
LEFT JOIN purchase_made_365d
  ON purchase_made_365d.user_id = u.user_id
WHERE
  COALESCE(product_viewed_365d.times, 0) > 3 * COALESCE(purchase_made_365d.times, 0)
  AND COALESCE(purchase_made_365d.times, 0) >= 1
ORDER BY
  u.user_id;

-- PostgreSQL

WITH product_viewed_365d AS (
  /* PRODUCT_VIEWED, 2025-11-22 to 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'PRODUCT_VIEWED'
    AND timestamp > CAST('2025-11-22 00:00:00' AS TIMESTAMP)
    AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMP)
  GROUP BY
    user_id
), purchase_made_365d AS (
  /* PURCHASE_MADE, 2025-11-22 to 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'PURCHASE_MADE'
    AND timestamp > CAST('2025-11-22 00:00:00' AS TIMESTAMP)
    AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMP)
  GROUP BY
    user_id
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN product_viewed_365d
  ON product_viewed_365d.user_id = u.user_id
LEFT JOIN purchase_made_365d
  ON purchase_made_365d.user_id = u.user_id
WHERE
  COALESCE(product_viewed_365d.times, 0) > 3 * COALESCE(purchase_made_365d.times, 0)
  AND COALESCE(purchase_made_365d.times, 0) >= 1
ORDER BY
  u.user_id;

-- ClickHouse

WITH product_viewed_365d AS (
  /* PRODUCT_VIEWED, 2025-11-22 to 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'PRODUCT_VIEWED'
    AND timestamp > toDateTime64('2025-11-22 00:00:00', 6, 'UTC')
    AND timestamp <= toDateTime64('2026-11-22 00:00:00', 6, 'UTC')
  GROUP BY
    user_id
), purchase_made_365d AS (
  /* PURCHASE_MADE, 2025-11-22 to 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'PURCHASE_MADE'
    AND timestamp > toDateTime64('2025-11-22 00:00:00', 6, 'UTC')
    AND timestamp <= toDateTime64('2026-11-22 00:00:00', 6, 'UTC')
  GROUP BY
    user_id
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN product_viewed_365d
  ON product_viewed_365d.user_id = u.user_id
LEFT JOIN purchase_made_365d
  ON purchase_made_365d.user_id = u.user_id
WHERE
  COALESCE(product_viewed_365d.times, 0) > 3 * COALESCE(purchase_made_365d.times, 0)
  AND COALESCE(purchase_made_365d.times, 0) >= 1
ORDER BY
  u.user_id
SETTINGS join_use_nulls = 1;

-- Spark

WITH product_viewed_365d AS (
  /* PRODUCT_VIEWED, 2025-11-22 to 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'PRODUCT_VIEWED'
    AND timestamp > CAST('2025-11-22 00:00:00' AS TIMESTAMP)
    AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMP)
  GROUP BY
    user_id
), purchase_made_365d AS (
  /* PURCHASE_MADE, 2025-11-22 to 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'PURCHASE_MADE'
    AND timestamp > CAST('2025-11-22 00:00:00' AS TIMESTAMP)
    AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMP)
  GROUP BY
    user_id
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN product_viewed_365d
  ON product_viewed_365d.user_id = u.user_id
LEFT JOIN purchase_made_365d
  ON purchase_made_365d.user_id = u.user_id
WHERE
  COALESCE(product_viewed_365d.times, 0) > 3 * COALESCE(purchase_made_365d.times, 0)
  AND COALESCE(purchase_made_365d.times, 0) >= 1
ORDER BY
  u.user_id;

-- Databricks

WITH product_viewed_365d AS (
  /* PRODUCT_VIEWED, 2025-11-22 to 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'PRODUCT_VIEWED'
    AND timestamp > CAST('2025-11-22 00:00:00' AS TIMESTAMP)
    AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMP)
  GROUP BY
    user_id
), purchase_made_365d AS (
  /* PURCHASE_MADE, 2025-11-22 to 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'PURCHASE_MADE'
    AND timestamp > CAST('2025-11-22 00:00:00' AS TIMESTAMP)
    AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMP)
  GROUP BY
    user_id
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN product_viewed_365d
  ON product_viewed_365d.user_id = u.user_id
LEFT JOIN purchase_made_365d
  ON purchase_made_365d.user_id = u.user_id
WHERE
  COALESCE(product_viewed_365d.times, 0) > 3 * COALESCE(purchase_made_365d.times, 0)
  AND COALESCE(purchase_made_365d.times, 0) >= 1
ORDER BY
  u.user_id;

-- Snowflake

WITH product_viewed_365d AS (
  /* PRODUCT_VIEWED, 2025-11-22 to 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'PRODUCT_VIEWED'
    AND timestamp > CAST('2025-11-22 00:00:00' AS TIMESTAMPNTZ)
    AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMPNTZ)
  GROUP BY
    user_id
), purchase_made_365d AS (
  /* PURCHASE_MADE, 2025-11-22 to 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'PURCHASE_MADE'
    AND timestamp > CAST('2025-11-22 00:00:00' AS TIMESTAMPNTZ)
    AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMPNTZ)
  GROUP BY
    user_id
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN product_viewed_365d
  ON product_viewed_365d.user_id = u.user_id
LEFT JOIN purchase_made_365d
  ON purchase_made_365d.user_id = u.user_id
WHERE
  COALESCE(product_viewed_365d.times, 0) > 3 * COALESCE(purchase_made_365d.times, 0)
  AND COALESCE(purchase_made_365d.times, 0) >= 1
ORDER BY
  u.user_id;

-- BigQuery

WITH product_viewed_365d AS (
  /* PRODUCT_VIEWED, 2025-11-22 to 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'PRODUCT_VIEWED'
    AND timestamp > CAST('2025-11-22 00:00:00' AS DATETIME)
    AND timestamp <= CAST('2026-11-22 00:00:00' AS DATETIME)
  GROUP BY
    user_id
), purchase_made_365d AS (
  /* PURCHASE_MADE, 2025-11-22 to 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'PURCHASE_MADE'
    AND timestamp > CAST('2025-11-22 00:00:00' AS DATETIME)
    AND timestamp <= CAST('2026-11-22 00:00:00' AS DATETIME)
  GROUP BY
    user_id
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN product_viewed_365d
  ON product_viewed_365d.user_id = u.user_id
LEFT JOIN purchase_made_365d
  ON purchase_made_365d.user_id = u.user_id
WHERE
  COALESCE(product_viewed_365d.times, 0) > 3 * COALESCE(purchase_made_365d.times, 0)
  AND COALESCE(purchase_made_365d.times, 0) >= 1
ORDER BY
  u.user_id;

-- Trino

WITH product_viewed_365d AS (
  /* PRODUCT_VIEWED, 2025-11-22 to 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'PRODUCT_VIEWED'
    AND timestamp > CAST('2025-11-22 00:00:00' AS TIMESTAMP(6))
    AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMP(6))
  GROUP BY
    user_id
), purchase_made_365d AS (
  /* PURCHASE_MADE, 2025-11-22 to 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'PURCHASE_MADE'
    AND timestamp > CAST('2025-11-22 00:00:00' AS TIMESTAMP(6))
    AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMP(6))
  GROUP BY
    user_id
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN product_viewed_365d
  ON product_viewed_365d.user_id = u.user_id
LEFT JOIN purchase_made_365d
  ON purchase_made_365d.user_id = u.user_id
WHERE
  COALESCE(product_viewed_365d.times, 0) > 3 * COALESCE(purchase_made_365d.times, 0)
  AND COALESCE(purchase_made_365d.times, 0) >= 1
ORDER BY
  u.user_id;

-- Redshift

WITH product_viewed_365d AS (
  /* PRODUCT_VIEWED, 2025-11-22 to 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'PRODUCT_VIEWED'
    AND "timestamp" > CAST('2025-11-22 00:00:00' AS TIMESTAMP)
    AND "timestamp" <= CAST('2026-11-22 00:00:00' AS TIMESTAMP)
  GROUP BY
    user_id
), purchase_made_365d AS (
  /* PURCHASE_MADE, 2025-11-22 to 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'PURCHASE_MADE'
    AND "timestamp" > CAST('2025-11-22 00:00:00' AS TIMESTAMP)
    AND "timestamp" <= CAST('2026-11-22 00:00:00' AS TIMESTAMP)
  GROUP BY
    user_id
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN product_viewed_365d
  ON product_viewed_365d.user_id = u.user_id
LEFT JOIN purchase_made_365d
  ON purchase_made_365d.user_id = u.user_id
WHERE
  COALESCE(product_viewed_365d.times, 0) > 3 * COALESCE(purchase_made_365d.times, 0)
  AND COALESCE(purchase_made_365d.times, 0) >= 1
ORDER BY
  u.user_id;
