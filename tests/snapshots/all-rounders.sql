-- Who looked at, carted or bought things of three different categories or more in the last year?
-- Users whose number of different category values of PRODUCT_VIEWED, ADDED_TO_CART or PURCHASE_MADE in the last 365 days is at least 3, as of 2026-11-22T00:00:00Z.

-- DuckDB

WITH product_viewed_or_added_to_c_365d AS (
  /* PRODUCT_VIEWED or ADDED_TO_CART or PURCHASE_MADE, 2025-11-22 to 2026-11-22 */
  SELECT
    user_id,
    COUNT(DISTINCT category) AS distinct_category
  FROM user_events
  WHERE
    event_name IN ('PRODUCT_VIEWED', 'ADDED_TO_CART', 'PURCHASE_MADE')
    AND timestamp > CAST('2025-11-22 00:00:00' AS TIMESTAMP)
    AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMP)
  GROUP BY
    user_id
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN product_viewed_or_added_to_c_365d
  ON product_viewed_or_added_to_c_365d.user_id = u.user_id
WHERE
  COALESCE(product_viewed_or_added_to_c_365d.distinct_category, 0) >= 3
ORDER BY
  u.user_id;

-- PostgreSQL

WITH product_viewed_or_added_to_c_365d AS (
  /* PRODUCT_VIEWED or ADDED_TO_CART or PURCHASE_MADE, 2025-11-22 to 2026-11-22 */
  SELECT
    user_id,
    COUNT(DISTINCT category) AS distinct_category
  FROM user_events
  WHERE
    event_name IN ('PRODUCT_VIEWED', 'ADDED_TO_CART', 'PURCHASE_MADE')
    AND timestamp > CAST('2025-11-22 00:00:00' AS TIMESTAMP)
    AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMP)
  GROUP BY
    user_id
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN product_viewed_or_added_to_c_365d
  ON product_viewed_or_added_to_c_365d.user_id = u.user_id
WHERE
  COALESCE(product_viewed_or_added_to_c_365d.distinct_category, 0) >= 3
ORDER BY
  u.user_id;

-- ClickHouse

WITH product_viewed_or_added_to_c_365d AS (
  /* PRODUCT_VIEWED or ADDED_TO_CART or PURCHASE_MADE, 2025-11-22 to 2026-11-22 */
  SELECT
    user_id,
    COUNT(DISTINCT category) AS distinct_category
  FROM user_events
  WHERE
    event_name IN ('PRODUCT_VIEWED', 'ADDED_TO_CART', 'PURCHASE_MADE')
    AND timestamp > toDateTime64('2025-11-22 00:00:00', 6, 'UTC')
    AND timestamp <= toDateTime64('2026-11-22 00:00:00', 6, 'UTC')
  GROUP BY
    user_id
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN product_viewed_or_added_to_c_365d
  ON product_viewed_or_added_to_c_365d.user_id = u.user_id
WHERE
  COALESCE(product_viewed_or_added_to_c_365d.distinct_category, 0) >= 3
ORDER BY
  u.user_id
SETTINGS join_use_nulls = 1;

-- Spark

WITH product_viewed_or_added_to_c_365d AS (
  /* PRODUCT_VIEWED or ADDED_TO_CART or PURCHASE_MADE, 2025-11-22 to 2026-11-22 */
  SELECT
    user_id,
    COUNT(DISTINCT category) AS distinct_category
  FROM user_events
  WHERE
    event_name IN ('PRODUCT_VIEWED', 'ADDED_TO_CART', 'PURCHASE_MADE')
    AND timestamp > CAST('2025-11-22 00:00:00' AS TIMESTAMP)
    AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMP)
  GROUP BY
    user_id
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN product_viewed_or_added_to_c_365d
  ON product_viewed_or_added_to_c_365d.user_id = u.user_id
WHERE
  COALESCE(product_viewed_or_added_to_c_365d.distinct_category, 0) >= 3
ORDER BY
  u.user_id;

-- Databricks

WITH product_viewed_or_added_to_c_365d AS (
  /* PRODUCT_VIEWED or ADDED_TO_CART or PURCHASE_MADE, 2025-11-22 to 2026-11-22 */
  SELECT
    user_id,
    COUNT(DISTINCT category) AS distinct_category
  FROM user_events
  WHERE
    event_name IN ('PRODUCT_VIEWED', 'ADDED_TO_CART', 'PURCHASE_MADE')
    AND timestamp > CAST('2025-11-22 00:00:00' AS TIMESTAMP)
    AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMP)
  GROUP BY
    user_id
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN product_viewed_or_added_to_c_365d
  ON product_viewed_or_added_to_c_365d.user_id = u.user_id
WHERE
  COALESCE(product_viewed_or_added_to_c_365d.distinct_category, 0) >= 3
ORDER BY
  u.user_id;

-- Snowflake

WITH product_viewed_or_added_to_c_365d AS (
  /* PRODUCT_VIEWED or ADDED_TO_CART or PURCHASE_MADE, 2025-11-22 to 2026-11-22 */
  SELECT
    user_id,
    COUNT(DISTINCT category) AS distinct_category
  FROM user_events
  WHERE
    event_name IN ('PRODUCT_VIEWED', 'ADDED_TO_CART', 'PURCHASE_MADE')
    AND timestamp > CAST('2025-11-22 00:00:00' AS TIMESTAMPNTZ)
    AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMPNTZ)
  GROUP BY
    user_id
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN product_viewed_or_added_to_c_365d
  ON product_viewed_or_added_to_c_365d.user_id = u.user_id
WHERE
  COALESCE(product_viewed_or_added_to_c_365d.distinct_category, 0) >= 3
ORDER BY
  u.user_id;

-- BigQuery

WITH product_viewed_or_added_to_c_365d AS (
  /* PRODUCT_VIEWED or ADDED_TO_CART or PURCHASE_MADE, 2025-11-22 to 2026-11-22 */
  SELECT
    user_id,
    COUNT(DISTINCT category) AS distinct_category
  FROM user_events
  WHERE
    event_name IN ('PRODUCT_VIEWED', 'ADDED_TO_CART', 'PURCHASE_MADE')
    AND timestamp > CAST('2025-11-22 00:00:00' AS DATETIME)
    AND timestamp <= CAST('2026-11-22 00:00:00' AS DATETIME)
  GROUP BY
    user_id
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN product_viewed_or_added_to_c_365d
  ON product_viewed_or_added_to_c_365d.user_id = u.user_id
WHERE
  COALESCE(product_viewed_or_added_to_c_365d.distinct_category, 0) >= 3
ORDER BY
  u.user_id;

-- Trino

WITH product_viewed_or_added_to_c_365d AS (
  /* PRODUCT_VIEWED or ADDED_TO_CART or PURCHASE_MADE, 2025-11-22 to 2026-11-22 */
  SELECT
    user_id,
    COUNT(DISTINCT category) AS distinct_category
  FROM user_events
  WHERE
    event_name IN ('PRODUCT_VIEWED', 'ADDED_TO_CART', 'PURCHASE_MADE')
    AND timestamp > CAST('2025-11-22 00:00:00' AS TIMESTAMP(6))
    AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMP(6))
  GROUP BY
    user_id
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN product_viewed_or_added_to_c_365d
  ON product_viewed_or_added_to_c_365d.user_id = u.user_id
WHERE
  COALESCE(product_viewed_or_added_to_c_365d.distinct_category, 0) >= 3
ORDER BY
  u.user_id;

-- Redshift

WITH product_viewed_or_added_to_c_365d AS (
  /* PRODUCT_VIEWED or ADDED_TO_CART or PURCHASE_MADE, 2025-11-22 to 2026-11-22 */
  SELECT
    user_id,
    COUNT(DISTINCT category) AS distinct_category
  FROM user_events
  WHERE
    event_name IN ('PRODUCT_VIEWED', 'ADDED_TO_CART', 'PURCHASE_MADE')
    AND "timestamp" > CAST('2025-11-22 00:00:00' AS TIMESTAMP)
    AND "timestamp" <= CAST('2026-11-22 00:00:00' AS TIMESTAMP)
  GROUP BY
    user_id
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN product_viewed_or_added_to_c_365d
  ON product_viewed_or_added_to_c_365d.user_id = u.user_id
WHERE
  COALESCE(product_viewed_or_added_to_c_365d.distinct_category, 0) >= 3
ORDER BY
  u.user_id;
