-- Who shopped in the 2025 holiday season, New York time, and has bought nothing since March?
-- Users who did ADDED_TO_CART, CHECKOUT_STARTED or PURCHASE_MADE at least once from 2025-11-24 to 2025-12-31 and who never did PURCHASE_MADE since 2026-03-01, as of 2026-11-22T00:00:00Z, in America/New_York time.

-- DuckDB

WITH added_to_cart_or_checkout_st_since AS (
  /* ADDED_TO_CART or CHECKOUT_STARTED or PURCHASE_MADE, 2025-11-24 to 2026-01-01 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name IN ('ADDED_TO_CART', 'CHECKOUT_STARTED', 'PURCHASE_MADE')
    AND timestamp >= CAST('2025-11-24 05:00:00' AS TIMESTAMP)
    AND timestamp <= CAST('2026-01-01 04:59:59.999999' AS TIMESTAMP)
  GROUP BY
    user_id
), purchase_made_since AS (
  /* PURCHASE_MADE, 2026-03-01 to 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'PURCHASE_MADE'
    AND timestamp >= CAST('2026-03-01 05:00:00' AS TIMESTAMP)
    AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMP)
  GROUP BY
    user_id
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN added_to_cart_or_checkout_st_since
  ON added_to_cart_or_checkout_st_since.user_id = u.user_id
LEFT JOIN purchase_made_since
  ON purchase_made_since.user_id = u.user_id
WHERE
  COALESCE(added_to_cart_or_checkout_st_since.times, 0) >= 1
  AND COALESCE(purchase_made_since.times, 0) = 0
ORDER BY
  u.user_id;

-- PostgreSQL

WITH added_to_cart_or_checkout_st_since AS (
  /* ADDED_TO_CART or CHECKOUT_STARTED or PURCHASE_MADE, 2025-11-24 to 2026-01-01 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name IN ('ADDED_TO_CART', 'CHECKOUT_STARTED', 'PURCHASE_MADE')
    AND timestamp >= CAST('2025-11-24 05:00:00' AS TIMESTAMP)
    AND timestamp <= CAST('2026-01-01 04:59:59.999999' AS TIMESTAMP)
  GROUP BY
    user_id
), purchase_made_since AS (
  /* PURCHASE_MADE, 2026-03-01 to 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'PURCHASE_MADE'
    AND timestamp >= CAST('2026-03-01 05:00:00' AS TIMESTAMP)
    AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMP)
  GROUP BY
    user_id
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN added_to_cart_or_checkout_st_since
  ON added_to_cart_or_checkout_st_since.user_id = u.user_id
LEFT JOIN purchase_made_since
  ON purchase_made_since.user_id = u.user_id
WHERE
  COALESCE(added_to_cart_or_checkout_st_since.times, 0) >= 1
  AND COALESCE(purchase_made_since.times, 0) = 0
ORDER BY
  u.user_id;

-- ClickHouse

WITH added_to_cart_or_checkout_st_since AS (
  /* ADDED_TO_CART or CHECKOUT_STARTED or PURCHASE_MADE, 2025-11-24 to 2026-01-01 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name IN ('ADDED_TO_CART', 'CHECKOUT_STARTED', 'PURCHASE_MADE')
    AND timestamp >= toDateTime64('2025-11-24 05:00:00', 6, 'UTC')
    AND timestamp <= toDateTime64('2026-01-01 04:59:59.999999', 6, 'UTC')
  GROUP BY
    user_id
), purchase_made_since AS (
  /* PURCHASE_MADE, 2026-03-01 to 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'PURCHASE_MADE'
    AND timestamp >= toDateTime64('2026-03-01 05:00:00', 6, 'UTC')
    AND timestamp <= toDateTime64('2026-11-22 00:00:00', 6, 'UTC')
  GROUP BY
    user_id
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN added_to_cart_or_checkout_st_since
  ON added_to_cart_or_checkout_st_since.user_id = u.user_id
LEFT JOIN purchase_made_since
  ON purchase_made_since.user_id = u.user_id
WHERE
  COALESCE(added_to_cart_or_checkout_st_since.times, 0) >= 1
  AND COALESCE(purchase_made_since.times, 0) = 0
ORDER BY
  u.user_id
SETTINGS join_use_nulls = 1;

-- Spark

WITH added_to_cart_or_checkout_st_since AS (
  /* ADDED_TO_CART or CHECKOUT_STARTED or PURCHASE_MADE, 2025-11-24 to 2026-01-01 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name IN ('ADDED_TO_CART', 'CHECKOUT_STARTED', 'PURCHASE_MADE')
    AND timestamp >= CAST('2025-11-24 05:00:00' AS TIMESTAMP)
    AND timestamp <= CAST('2026-01-01 04:59:59.999999' AS TIMESTAMP)
  GROUP BY
    user_id
), purchase_made_since AS (
  /* PURCHASE_MADE, 2026-03-01 to 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'PURCHASE_MADE'
    AND timestamp >= CAST('2026-03-01 05:00:00' AS TIMESTAMP)
    AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMP)
  GROUP BY
    user_id
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN added_to_cart_or_checkout_st_since
  ON added_to_cart_or_checkout_st_since.user_id = u.user_id
LEFT JOIN purchase_made_since
  ON purchase_made_since.user_id = u.user_id
WHERE
  COALESCE(added_to_cart_or_checkout_st_since.times, 0) >= 1
  AND COALESCE(purchase_made_since.times, 0) = 0
ORDER BY
  u.user_id;

-- Databricks

WITH added_to_cart_or_checkout_st_since AS (
  /* ADDED_TO_CART or CHECKOUT_STARTED or PURCHASE_MADE, 2025-11-24 to 2026-01-01 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name IN ('ADDED_TO_CART', 'CHECKOUT_STARTED', 'PURCHASE_MADE')
    AND timestamp >= CAST('2025-11-24 05:00:00' AS TIMESTAMP)
    AND timestamp <= CAST('2026-01-01 04:59:59.999999' AS TIMESTAMP)
  GROUP BY
    user_id
), purchase_made_since AS (
  /* PURCHASE_MADE, 2026-03-01 to 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'PURCHASE_MADE'
    AND timestamp >= CAST('2026-03-01 05:00:00' AS TIMESTAMP)
    AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMP)
  GROUP BY
    user_id
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN added_to_cart_or_checkout_st_since
  ON added_to_cart_or_checkout_st_since.user_id = u.user_id
LEFT JOIN purchase_made_since
  ON purchase_made_since.user_id = u.user_id
WHERE
  COALESCE(added_to_cart_or_checkout_st_since.times, 0) >= 1
  AND COALESCE(purchase_made_since.times, 0) = 0
ORDER BY
  u.user_id;

-- Snowflake

WITH added_to_cart_or_checkout_st_since AS (
  /* ADDED_TO_CART or CHECKOUT_STARTED or PURCHASE_MADE, 2025-11-24 to 2026-01-01 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name IN ('ADDED_TO_CART', 'CHECKOUT_STARTED', 'PURCHASE_MADE')
    AND timestamp >= CAST('2025-11-24 05:00:00' AS TIMESTAMPNTZ)
    AND timestamp <= CAST('2026-01-01 04:59:59.999999' AS TIMESTAMPNTZ)
  GROUP BY
    user_id
), purchase_made_since AS (
  /* PURCHASE_MADE, 2026-03-01 to 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'PURCHASE_MADE'
    AND timestamp >= CAST('2026-03-01 05:00:00' AS TIMESTAMPNTZ)
    AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMPNTZ)
  GROUP BY
    user_id
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN added_to_cart_or_checkout_st_since
  ON added_to_cart_or_checkout_st_since.user_id = u.user_id
LEFT JOIN purchase_made_since
  ON purchase_made_since.user_id = u.user_id
WHERE
  COALESCE(added_to_cart_or_checkout_st_since.times, 0) >= 1
  AND COALESCE(purchase_made_since.times, 0) = 0
ORDER BY
  u.user_id;

-- BigQuery

WITH added_to_cart_or_checkout_st_since AS (
  /* ADDED_TO_CART or CHECKOUT_STARTED or PURCHASE_MADE, 2025-11-24 to 2026-01-01 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name IN ('ADDED_TO_CART', 'CHECKOUT_STARTED', 'PURCHASE_MADE')
    AND timestamp >= CAST('2025-11-24 05:00:00' AS DATETIME)
    AND timestamp <= CAST('2026-01-01 04:59:59.999999' AS DATETIME)
  GROUP BY
    user_id
), purchase_made_since AS (
  /* PURCHASE_MADE, 2026-03-01 to 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'PURCHASE_MADE'
    AND timestamp >= CAST('2026-03-01 05:00:00' AS DATETIME)
    AND timestamp <= CAST('2026-11-22 00:00:00' AS DATETIME)
  GROUP BY
    user_id
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN added_to_cart_or_checkout_st_since
  ON added_to_cart_or_checkout_st_since.user_id = u.user_id
LEFT JOIN purchase_made_since
  ON purchase_made_since.user_id = u.user_id
WHERE
  COALESCE(added_to_cart_or_checkout_st_since.times, 0) >= 1
  AND COALESCE(purchase_made_since.times, 0) = 0
ORDER BY
  u.user_id;

-- Trino

WITH added_to_cart_or_checkout_st_since AS (
  /* ADDED_TO_CART or CHECKOUT_STARTED or PURCHASE_MADE, 2025-11-24 to 2026-01-01 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name IN ('ADDED_TO_CART', 'CHECKOUT_STARTED', 'PURCHASE_MADE')
    AND timestamp >= CAST('2025-11-24 05:00:00' AS TIMESTAMP(6))
    AND timestamp <= CAST('2026-01-01 04:59:59.999999' AS TIMESTAMP(6))
  GROUP BY
    user_id
), purchase_made_since AS (
  /* PURCHASE_MADE, 2026-03-01 to 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'PURCHASE_MADE'
    AND timestamp >= CAST('2026-03-01 05:00:00' AS TIMESTAMP(6))
    AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMP(6))
  GROUP BY
    user_id
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN added_to_cart_or_checkout_st_since
  ON added_to_cart_or_checkout_st_since.user_id = u.user_id
LEFT JOIN purchase_made_since
  ON purchase_made_since.user_id = u.user_id
WHERE
  COALESCE(added_to_cart_or_checkout_st_since.times, 0) >= 1
  AND COALESCE(purchase_made_since.times, 0) = 0
ORDER BY
  u.user_id;

-- Redshift

WITH added_to_cart_or_checkout_st_since AS (
  /* ADDED_TO_CART or CHECKOUT_STARTED or PURCHASE_MADE, 2025-11-24 to 2026-01-01 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name IN ('ADDED_TO_CART', 'CHECKOUT_STARTED', 'PURCHASE_MADE')
    AND "timestamp" >= CAST('2025-11-24 05:00:00' AS TIMESTAMP)
    AND "timestamp" <= CAST('2026-01-01 04:59:59.999999' AS TIMESTAMP)
  GROUP BY
    user_id
), purchase_made_since AS (
  /* PURCHASE_MADE, 2026-03-01 to 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'PURCHASE_MADE'
    AND "timestamp" >= CAST('2026-03-01 05:00:00' AS TIMESTAMP)
    AND "timestamp" <= CAST('2026-11-22 00:00:00' AS TIMESTAMP)
  GROUP BY
    user_id
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN added_to_cart_or_checkout_st_since
  ON added_to_cart_or_checkout_st_since.user_id = u.user_id
LEFT JOIN purchase_made_since
  ON purchase_made_since.user_id = u.user_id
WHERE
  COALESCE(added_to_cart_or_checkout_st_since.times, 0) >= 1
  AND COALESCE(purchase_made_since.times, 0) = 0
ORDER BY
  u.user_id;
