-- Who has never bought, but in the last 90 days showed two of three signs of interest: viewed three products, searched, filled a cart?
-- Users who never did PURCHASE_MADE and who match at least 2 of these 3 (PRODUCT_VIEWED at least 3 times in the last 90 days; SEARCH at least once in the last 90 days; ADDED_TO_CART at least once in the last 90 days), as of 2026-11-22T00:00:00Z.

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
), product_viewed_90d AS (
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
), search_90d AS (
  /* SEARCH, 2026-08-24 to 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'SEARCH'
    AND timestamp > CAST('2026-08-24 00:00:00' AS TIMESTAMP)
    AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMP)
  GROUP BY
    user_id
), added_to_cart_90d AS (
  /* ADDED_TO_CART, 2026-08-24 to 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'ADDED_TO_CART'
    AND timestamp > CAST('2026-08-24 00:00:00' AS TIMESTAMP)
    AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMP)
  GROUP BY
    user_id
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN purchase_made
  ON purchase_made.user_id = u.user_id
LEFT JOIN product_viewed_90d
  ON product_viewed_90d.user_id = u.user_id
LEFT JOIN search_90d
  ON search_90d.user_id = u.user_id
LEFT JOIN added_to_cart_90d
  ON added_to_cart_90d.user_id = u.user_id
WHERE
  COALESCE(purchase_made.times, 0) = 0
  AND CASE
    WHEN COALESCE(product_viewed_90d.times, 0) >= 3
    THEN 1
    ELSE 0
  END + CASE WHEN COALESCE(search_90d.times, 0) >= 1 THEN 1 ELSE 0 END + CASE
    WHEN COALESCE(added_to_cart_90d.times, 0) >= 1
    THEN 1
    ELSE 0
  END >= 2
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
), product_viewed_90d AS (
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
), search_90d AS (
  /* SEARCH, 2026-08-24 to 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'SEARCH'
    AND timestamp > CAST('2026-08-24 00:00:00' AS TIMESTAMP)
    AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMP)
  GROUP BY
    user_id
), added_to_cart_90d AS (
  /* ADDED_TO_CART, 2026-08-24 to 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'ADDED_TO_CART'
    AND timestamp > CAST('2026-08-24 00:00:00' AS TIMESTAMP)
    AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMP)
  GROUP BY
    user_id
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN purchase_made
  ON purchase_made.user_id = u.user_id
LEFT JOIN product_viewed_90d
  ON product_viewed_90d.user_id = u.user_id
LEFT JOIN search_90d
  ON search_90d.user_id = u.user_id
LEFT JOIN added_to_cart_90d
  ON added_to_cart_90d.user_id = u.user_id
WHERE
  COALESCE(purchase_made.times, 0) = 0
  AND CASE
    WHEN COALESCE(product_viewed_90d.times, 0) >= 3
    THEN 1
    ELSE 0
  END + CASE WHEN COALESCE(search_90d.times, 0) >= 1 THEN 1 ELSE 0 END + CASE
    WHEN COALESCE(added_to_cart_90d.times, 0) >= 1
    THEN 1
    ELSE 0
  END >= 2
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
), product_viewed_90d AS (
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
), search_90d AS (
  /* SEARCH, 2026-08-24 to 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'SEARCH'
    AND timestamp > toDateTime64('2026-08-24 00:00:00', 6, 'UTC')
    AND timestamp <= toDateTime64('2026-11-22 00:00:00', 6, 'UTC')
  GROUP BY
    user_id
), added_to_cart_90d AS (
  /* ADDED_TO_CART, 2026-08-24 to 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'ADDED_TO_CART'
    AND timestamp > toDateTime64('2026-08-24 00:00:00', 6, 'UTC')
    AND timestamp <= toDateTime64('2026-11-22 00:00:00', 6, 'UTC')
  GROUP BY
    user_id
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN purchase_made
  ON purchase_made.user_id = u.user_id
LEFT JOIN product_viewed_90d
  ON product_viewed_90d.user_id = u.user_id
LEFT JOIN search_90d
  ON search_90d.user_id = u.user_id
LEFT JOIN added_to_cart_90d
  ON added_to_cart_90d.user_id = u.user_id
WHERE
  COALESCE(purchase_made.times, 0) = 0
  AND CASE
    WHEN COALESCE(product_viewed_90d.times, 0) >= 3
    THEN 1
    ELSE 0
  END + CASE WHEN COALESCE(search_90d.times, 0) >= 1 THEN 1 ELSE 0 END + CASE
    WHEN COALESCE(added_to_cart_90d.times, 0) >= 1
    THEN 1
    ELSE 0
  END >= 2
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
), product_viewed_90d AS (
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
), search_90d AS (
  /* SEARCH, 2026-08-24 to 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'SEARCH'
    AND timestamp > CAST('2026-08-24 00:00:00' AS TIMESTAMP)
    AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMP)
  GROUP BY
    user_id
), added_to_cart_90d AS (
  /* ADDED_TO_CART, 2026-08-24 to 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'ADDED_TO_CART'
    AND timestamp > CAST('2026-08-24 00:00:00' AS TIMESTAMP)
    AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMP)
  GROUP BY
    user_id
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN purchase_made
  ON purchase_made.user_id = u.user_id
LEFT JOIN product_viewed_90d
  ON product_viewed_90d.user_id = u.user_id
LEFT JOIN search_90d
  ON search_90d.user_id = u.user_id
LEFT JOIN added_to_cart_90d
  ON added_to_cart_90d.user_id = u.user_id
WHERE
  COALESCE(purchase_made.times, 0) = 0
  AND CASE
    WHEN COALESCE(product_viewed_90d.times, 0) >= 3
    THEN 1
    ELSE 0
  END + CASE WHEN COALESCE(search_90d.times, 0) >= 1 THEN 1 ELSE 0 END + CASE
    WHEN COALESCE(added_to_cart_90d.times, 0) >= 1
    THEN 1
    ELSE 0
  END >= 2
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
), product_viewed_90d AS (
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
), search_90d AS (
  /* SEARCH, 2026-08-24 to 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'SEARCH'
    AND timestamp > CAST('2026-08-24 00:00:00' AS TIMESTAMP)
    AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMP)
  GROUP BY
    user_id
), added_to_cart_90d AS (
  /* ADDED_TO_CART, 2026-08-24 to 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'ADDED_TO_CART'
    AND timestamp > CAST('2026-08-24 00:00:00' AS TIMESTAMP)
    AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMP)
  GROUP BY
    user_id
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN purchase_made
  ON purchase_made.user_id = u.user_id
LEFT JOIN product_viewed_90d
  ON product_viewed_90d.user_id = u.user_id
LEFT JOIN search_90d
  ON search_90d.user_id = u.user_id
LEFT JOIN added_to_cart_90d
  ON added_to_cart_90d.user_id = u.user_id
WHERE
  COALESCE(purchase_made.times, 0) = 0
  AND CASE
    WHEN COALESCE(product_viewed_90d.times, 0) >= 3
    THEN 1
    ELSE 0
  END + CASE WHEN COALESCE(search_90d.times, 0) >= 1 THEN 1 ELSE 0 END + CASE
    WHEN COALESCE(added_to_cart_90d.times, 0) >= 1
    THEN 1
    ELSE 0
  END >= 2
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
), product_viewed_90d AS (
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
), search_90d AS (
  /* SEARCH, 2026-08-24 to 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'SEARCH'
    AND timestamp > CAST('2026-08-24 00:00:00' AS TIMESTAMPNTZ)
    AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMPNTZ)
  GROUP BY
    user_id
), added_to_cart_90d AS (
  /* ADDED_TO_CART, 2026-08-24 to 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'ADDED_TO_CART'
    AND timestamp > CAST('2026-08-24 00:00:00' AS TIMESTAMPNTZ)
    AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMPNTZ)
  GROUP BY
    user_id
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN purchase_made
  ON purchase_made.user_id = u.user_id
LEFT JOIN product_viewed_90d
  ON product_viewed_90d.user_id = u.user_id
LEFT JOIN search_90d
  ON search_90d.user_id = u.user_id
LEFT JOIN added_to_cart_90d
  ON added_to_cart_90d.user_id = u.user_id
WHERE
  COALESCE(purchase_made.times, 0) = 0
  AND CASE
    WHEN COALESCE(product_viewed_90d.times, 0) >= 3
    THEN 1
    ELSE 0
  END + CASE WHEN COALESCE(search_90d.times, 0) >= 1 THEN 1 ELSE 0 END + CASE
    WHEN COALESCE(added_to_cart_90d.times, 0) >= 1
    THEN 1
    ELSE 0
  END >= 2
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
), product_viewed_90d AS (
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
), search_90d AS (
  /* SEARCH, 2026-08-24 to 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'SEARCH'
    AND timestamp > CAST('2026-08-24 00:00:00' AS DATETIME)
    AND timestamp <= CAST('2026-11-22 00:00:00' AS DATETIME)
  GROUP BY
    user_id
), added_to_cart_90d AS (
  /* ADDED_TO_CART, 2026-08-24 to 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'ADDED_TO_CART'
    AND timestamp > CAST('2026-08-24 00:00:00' AS DATETIME)
    AND timestamp <= CAST('2026-11-22 00:00:00' AS DATETIME)
  GROUP BY
    user_id
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN purchase_made
  ON purchase_made.user_id = u.user_id
LEFT JOIN product_viewed_90d
  ON product_viewed_90d.user_id = u.user_id
LEFT JOIN search_90d
  ON search_90d.user_id = u.user_id
LEFT JOIN added_to_cart_90d
  ON added_to_cart_90d.user_id = u.user_id
WHERE
  COALESCE(purchase_made.times, 0) = 0
  AND CASE
    WHEN COALESCE(product_viewed_90d.times, 0) >= 3
    THEN 1
    ELSE 0
  END + CASE WHEN COALESCE(search_90d.times, 0) >= 1 THEN 1 ELSE 0 END + CASE
    WHEN COALESCE(added_to_cart_90d.times, 0) >= 1
    THEN 1
    ELSE 0
  END >= 2
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
), product_viewed_90d AS (
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
), search_90d AS (
  /* SEARCH, 2026-08-24 to 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'SEARCH'
    AND timestamp > CAST('2026-08-24 00:00:00' AS TIMESTAMP(6))
    AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMP(6))
  GROUP BY
    user_id
), added_to_cart_90d AS (
  /* ADDED_TO_CART, 2026-08-24 to 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'ADDED_TO_CART'
    AND timestamp > CAST('2026-08-24 00:00:00' AS TIMESTAMP(6))
    AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMP(6))
  GROUP BY
    user_id
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN purchase_made
  ON purchase_made.user_id = u.user_id
LEFT JOIN product_viewed_90d
  ON product_viewed_90d.user_id = u.user_id
LEFT JOIN search_90d
  ON search_90d.user_id = u.user_id
LEFT JOIN added_to_cart_90d
  ON added_to_cart_90d.user_id = u.user_id
WHERE
  COALESCE(purchase_made.times, 0) = 0
  AND CASE
    WHEN COALESCE(product_viewed_90d.times, 0) >= 3
    THEN 1
    ELSE 0
  END + CASE WHEN COALESCE(search_90d.times, 0) >= 1 THEN 1 ELSE 0 END + CASE
    WHEN COALESCE(added_to_cart_90d.times, 0) >= 1
    THEN 1
    ELSE 0
  END >= 2
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
), product_viewed_90d AS (
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
), search_90d AS (
  /* SEARCH, 2026-08-24 to 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'SEARCH'
    AND "timestamp" > CAST('2026-08-24 00:00:00' AS TIMESTAMP)
    AND "timestamp" <= CAST('2026-11-22 00:00:00' AS TIMESTAMP)
  GROUP BY
    user_id
), added_to_cart_90d AS (
  /* ADDED_TO_CART, 2026-08-24 to 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'ADDED_TO_CART'
    AND "timestamp" > CAST('2026-08-24 00:00:00' AS TIMESTAMP)
    AND "timestamp" <= CAST('2026-11-22 00:00:00' AS TIMESTAMP)
  GROUP BY
    user_id
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN purchase_made
  ON purchase_made.user_id = u.user_id
LEFT JOIN product_viewed_90d
  ON product_viewed_90d.user_id = u.user_id
LEFT JOIN search_90d
  ON search_90d.user_id = u.user_id
LEFT JOIN added_to_cart_90d
  ON added_to_cart_90d.user_id = u.user_id
WHERE
  COALESCE(purchase_made.times, 0) = 0
  AND CASE
    WHEN COALESCE(product_viewed_90d.times, 0) >= 3
    THEN 1
    ELSE 0
  END + CASE WHEN COALESCE(search_90d.times, 0) >= 1 THEN 1 ELSE 0 END + CASE
    WHEN COALESCE(added_to_cart_90d.times, 0) >= 1
    THEN 1
    ELSE 0
  END >= 2
ORDER BY
  u.user_id;
