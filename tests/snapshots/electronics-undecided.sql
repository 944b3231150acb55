-- Who put electronics of 150 dollars or more into a cart in the last 180 days, and bought no electronics in that time?
-- Users who did ADDED_TO_CART (category is “Electronics” and amount is at least 150) at least once in the last 180 days and who never did PURCHASE_MADE (category is “Electronics”) in the last 180 days, as of 2026-11-22T00:00:00Z.

-- DuckDB

WITH added_to_cart_180d AS (
  /* ADDED_TO_CART, where category is “Electronics”, where amount is at least 150, 2026-05-26 to 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'ADDED_TO_CART'
    AND timestamp > CAST('2026-05-26 00:00:00' AS TIMESTAMP)
    AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMP)
    AND category = 'Electronics'
    AND amount >= 150
  GROUP BY
    user_id
), purchase_made_180d AS (
  /* PURCHASE_MADE, where category is “Electronics”, 2026-05-26 to 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'PURCHASE_MADE'
    AND timestamp > CAST('2026-05-26 00:00:00' AS TIMESTAMP)
    AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMP)
    AND category = 'Electronics'
  GROUP BY
    user_id
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN added_to_cart_180d
  ON added_to_cart_180d.user_id = u.user_id
LEFT JOIN purchase_made_180d
  ON purchase_made_180d.user_id = u.user_id
WHERE
  COALESCE(added_to_cart_180d.times, 0) >= 1
  AND COALESCE(purchase_made_180d.times, 0) = 0
ORDER BY
  u.user_id;

-- PostgreSQL

WITH added_to_cart_180d AS (
  /* ADDED_TO_CART, where category is “Electronics”, where amount is at least 150, 2026-05-26 to 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'ADDED_TO_CART'
    AND timestamp > CAST('2026-05-26 00:00:00' AS TIMESTAMP)
    AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMP)
    AND category = 'Electronics'
    AND amount >= 150
  GROUP BY
    user_id
), purchase_made_180d AS (
  /* PURCHASE_MADE, where category is “Electronics”, 2026-05-26 to 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'PURCHASE_MADE'
    AND timestamp > CAST('2026-05-26 00:00:00' AS TIMESTAMP)
    AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMP)
    AND category = 'Electronics'
  GROUP BY
    user_id
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN added_to_cart_180d
  ON added_to_cart_180d.user_id = u.user_id
LEFT JOIN purchase_made_180d
  ON purchase_made_180d.user_id = u.user_id
WHERE
  COALESCE(added_to_cart_180d.times, 0) >= 1
  AND COALESCE(purchase_made_180d.times, 0) = 0
ORDER BY
  u.user_id;

-- ClickHouse

WITH added_to_cart_180d AS (
  /* ADDED_TO_CART, where category is “Electronics”, where amount is at least 150, 2026-05-26 to 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'ADDED_TO_CART'
    AND timestamp > toDateTime64('2026-05-26 00:00:00', 6, 'UTC')
    AND timestamp <= toDateTime64('2026-11-22 00:00:00', 6, 'UTC')
    AND category = 'Electronics'
    AND amount >= 150
  GROUP BY
    user_id
), purchase_made_180d AS (
  /* PURCHASE_MADE, where category is “Electronics”, 2026-05-26 to 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'PURCHASE_MADE'
    AND timestamp > toDateTime64('2026-05-26 00:00:00', 6, 'UTC')
    AND timestamp <= toDateTime64('2026-11-22 00:00:00', 6, 'UTC')
    AND category = 'Electronics'
  GROUP BY
    user_id
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN added_to_cart_180d
  ON added_to_cart_180d.user_id = u.user_id
LEFT JOIN purchase_made_180d
  ON purchase_made_180d.user_id = u.user_id
WHERE
  COALESCE(added_to_cart_180d.times, 0) >= 1
  AND COALESCE(purchase_made_180d.times, 0) = 0
ORDER BY
  u.user_id
SETTINGS join_use_nulls = 1;

-- Spark

WITH added_to_cart_180d AS (
  /* ADDED_TO_CART, where category is “Electronics”, where amount is at least 150, 2026-05-26 to 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'ADDED_TO_CART'
    AND timestamp > CAST('2026-05-26 00:00:00' AS TIMESTAMP)
    AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMP)
    AND category = 'Electronics'
    AND amount >= 150
  GROUP BY
    user_id
), purchase_made_180d AS (
  /* PURCHASE_MADE, where category is “Electronics”, 2026-05-26 to 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'PURCHASE_MADE'
    AND timestamp > CAST('2026-05-26 00:00:00' AS TIMESTAMP)
    AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMP)
    AND category = 'Electronics'
  GROUP BY
    user_id
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN added_to_cart_180d
  ON added_to_cart_180d.user_id = u.user_id
LEFT JOIN purchase_made_180d
  ON purchase_made_180d.user_id = u.user_id
WHERE
  COALESCE(added_to_cart_180d.times, 0) >= 1
  AND COALESCE(purchase_made_180d.times, 0) = 0
ORDER BY
  u.user_id;

-- Databricks

WITH added_to_cart_180d AS (
  /* ADDED_TO_CART, where category is “Electronics”, where amount is at least 150, 2026-05-26 to 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'ADDED_TO_CART'
    AND timestamp > CAST('2026-05-26 00:00:00' AS TIMESTAMP)
    AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMP)
    AND category = 'Electronics'
    AND amount >= 150
  GROUP BY
    user_id
), purchase_made_180d AS (
  /* PURCHASE_MADE, where category is “Electronics”, 2026-05-26 to 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'PURCHASE_MADE'
    AND timestamp > CAST('2026-05-26 00:00:00' AS TIMESTAMP)
    AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMP)
    AND category = 'Electronics'
  GROUP BY
    user_id
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN added_to_cart_180d
  ON added_to_cart_180d.user_id = u.user_id
LEFT JOIN purchase_made_180d
  ON purchase_made_180d.user_id = u.user_id
WHERE
  COALESCE(added_to_cart_180d.times, 0) >= 1
  AND COALESCE(purchase_made_180d.times, 0) = 0
ORDER BY
  u.user_id;

-- Snowflake

WITH added_to_cart_180d AS (
  /* ADDED_TO_CART, where category is “Electronics”, where amount is at least 150, 2026-05-26 to 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'ADDED_TO_CART'
    AND timestamp > CAST('2026-05-26 00:00:00' AS TIMESTAMPNTZ)
    AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMPNTZ)
    AND category = 'Electronics'
    AND amount >= 150
  GROUP BY
    user_id
), purchase_made_180d AS (
  /* PURCHASE_MADE, where category is “Electronics”, 2026-05-26 to 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'PURCHASE_MADE'
    AND timestamp > CAST('2026-05-26 00:00:00' AS TIMESTAMPNTZ)
    AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMPNTZ)
    AND category = 'Electronics'
  GROUP BY
    user_id
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN added_to_cart_180d
  ON added_to_cart_180d.user_id = u.user_id
LEFT JOIN purchase_made_180d
  ON purchase_made_180d.user_id = u.user_id
WHERE
  COALESCE(added_to_cart_180d.times, 0) >= 1
  AND COALESCE(purchase_made_180d.times, 0) = 0
ORDER BY
  u.user_id;

-- BigQuery

WITH added_to_cart_180d AS (
  /* ADDED_TO_CART, where category is “Electronics”, where amount is at least 150, 2026-05-26 to 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'ADDED_TO_CART'
    AND timestamp > CAST('2026-05-26 00:00:00' AS DATETIME)
    AND timestamp <= CAST('2026-11-22 00:00:00' AS DATETIME)
    AND category = 'Electronics'
    AND amount >= 150
  GROUP BY
    user_id
), purchase_made_180d AS (
  /* PURCHASE_MADE, where category is “Electronics”, 2026-05-26 to 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'PURCHASE_MADE'
    AND timestamp > CAST('2026-05-26 00:00:00' AS DATETIME)
    AND timestamp <= CAST('2026-11-22 00:00:00' AS DATETIME)
    AND category = 'Electronics'
  GROUP BY
    user_id
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN added_to_cart_180d
  ON added_to_cart_180d.user_id = u.user_id
LEFT JOIN purchase_made_180d
  ON purchase_made_180d.user_id = u.user_id
WHERE
  COALESCE(added_to_cart_180d.times, 0) >= 1
  AND COALESCE(purchase_made_180d.times, 0) = 0
ORDER BY
  u.user_id;

-- Trino

WITH added_to_cart_180d AS (
  /* ADDED_TO_CART, where category is “Electronics”, where amount is at least 150, 2026-05-26 to 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'ADDED_TO_CART'
    AND timestamp > CAST('2026-05-26 00:00:00' AS TIMESTAMP(6))
    AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMP(6))
    AND category = 'Electronics'
    AND amount >= 150
  GROUP BY
    user_id
), purchase_made_180d AS (
  /* PURCHASE_MADE, where category is “Electronics”, 2026-05-26 to 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'PURCHASE_MADE'
    AND timestamp > CAST('2026-05-26 00:00:00' AS TIMESTAMP(6))
    AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMP(6))
    AND category = 'Electronics'
  GROUP BY
    user_id
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN added_to_cart_180d
  ON added_to_cart_180d.user_id = u.user_id
LEFT JOIN purchase_made_180d
  ON purchase_made_180d.user_id = u.user_id
WHERE
  COALESCE(added_to_cart_180d.times, 0) >= 1
  AND COALESCE(purchase_made_180d.times, 0) = 0
ORDER BY
  u.user_id;

-- Redshift

WITH added_to_cart_180d AS (
  /* ADDED_TO_CART, where category is “Electronics”, where amount is at least 150, 2026-05-26 to 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'ADDED_TO_CART'
    AND "timestamp" > CAST('2026-05-26 00:00:00' AS TIMESTAMP)
    AND "timestamp" <= CAST('2026-11-22 00:00:00' AS TIMESTAMP)
    AND category = 'Electronics'
    AND amount >= 150
  GROUP BY
    user_id
), purchase_made_180d AS (
  /* PURCHASE_MADE, where category is “Electronics”, 2026-05-26 to 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'PURCHASE_MADE'
    AND "timestamp" > CAST('2026-05-26 00:00:00' AS TIMESTAMP)
    AND "timestamp" <= CAST('2026-11-22 00:00:00' AS TIMESTAMP)
    AND category = 'Electronics'
  GROUP BY
    user_id
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN added_to_cart_180d
  ON added_to_cart_180d.user_id = u.user_id
LEFT JOIN purchase_made_180d
  ON purchase_made_180d.user_id = u.user_id
WHERE
  COALESCE(added_to_cart_180d.times, 0) >= 1
  AND COALESCE(purchase_made_180d.times, 0) = 0
ORDER BY
  u.user_id;
