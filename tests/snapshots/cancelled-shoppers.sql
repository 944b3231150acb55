-- Who cancelled in the last year, and had put something into a cart?
-- Users who did SUBSCRIPTION_CANCELLED at least once in the last 365 days and who did ADDED_TO_CART at least once, as of 2026-11-22T00:00:00Z.

-- DuckDB

WITH subscription_cancelled_365d AS (
  /* SUBSCRIPTION_CANCELLED, 2025-11-22 to 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'SUBSCRIPTION_CANCELLED'
    AND timestamp > CAST('2025-11-22 00:00:00' AS TIMESTAMP)
    AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMP)
  GROUP BY
    user_id
), added_to_cart AS (
  /* ADDED_TO_CART, until 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'ADDED_TO_CART'
    AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMP)
  GROUP BY
    user_id
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN subscription_cancelled_365d
  ON subscription_cancelled_365d.user_id = u.user_id
LEFT JOIN added_to_cart
  ON added_to_cart.user_id = u.user_id
WHERE
  COALESCE(subscription_cancelled_365d.times, 0) >= 1
  AND COALESCE(added_to_cart.times, 0) >= 1
ORDER BY
  u.user_id;

-- PostgreSQL

WITH subscription_cancelled_365d AS (
  /* SUBSCRIPTION_CANCELLED, 2025-11-22 to 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'SUBSCRIPTION_CANCELLED'
    AND timestamp > CAST('2025-11-22 00:00:00' AS TIMESTAMP)
    AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMP)
  GROUP BY
    user_id
), added_to_cart AS (
  /* ADDED_TO_CART, until 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'ADDED_TO_CART'
    AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMP)
  GROUP BY
    user_id
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN subscription_cancelled_365d
  ON subscription_cancelled_365d.user_id = u.user_id
LEFT JOIN added_to_cart
  ON added_to_cart.user_id = u.user_id
WHERE
  COALESCE(subscription_cancelled_365d.times, 0) >= 1
  AND COALESCE(added_to_cart.times, 0) >= 1
ORDER BY
  u.user_id;

-- ClickHouse

WITH subscription_cancelled_365d AS (
  /* SUBSCRIPTION_CANCELLED, 2025-11-22 to 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'SUBSCRIPTION_CANCELLED'
    AND timestamp > toDateTime64('2025-11-22 00:00:00', 6, 'UTC')
    AND timestamp <= toDateTime64('2026-11-22 00:00:00', 6, 'UTC')
  GROUP BY
    user_id
), added_to_cart AS (
  /* ADDED_TO_CART, until 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'ADDED_TO_CART'
    AND timestamp <= toDateTime64('2026-11-22 00:00:00', 6, 'UTC')
  GROUP BY
    user_id
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN subscription_cancelled_365d
  ON subscription_cancelled_365d.user_id = u.user_id
LEFT JOIN added_to_cart
  ON added_to_cart.user_id = u.user_id
WHERE
  COALESCE(subscription_cancelled_365d.times, 0) >= 1
  AND COALESCE(added_to_cart.times, 0) >= 1
ORDER BY
  u.user_id
SETTINGS join_use_nulls = 1;

-- Spark

WITH subscription_cancelled_365d AS (
  /* SUBSCRIPTION_CANCELLED, 2025-11-22 to 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'SUBSCRIPTION_CANCELLED'
    AND timestamp > CAST('2025-11-22 00:00:00' AS TIMESTAMP)
    AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMP)
  GROUP BY
    user_id
), added_to_cart AS (
  /* ADDED_TO_CART, until 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'ADDED_TO_CART'
    AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMP)
  GROUP BY
    user_id
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN subscription_cancelled_365d
  ON subscription_cancelled_365d.user_id = u.user_id
LEFT JOIN added_to_cart
  ON added_to_cart.user_id = u.user_id
WHERE
  COALESCE(subscription_cancelled_365d.times, 0) >= 1
  AND COALESCE(added_to_cart.times, 0) >= 1
ORDER BY
  u.user_id;

-- Databricks

WITH subscription_cancelled_365d AS (
  /* SUBSCRIPTION_CANCELLED, 2025-11-22 to 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'SUBSCRIPTION_CANCELLED'
    AND timestamp > CAST('2025-11-22 00:00:00' AS TIMESTAMP)
    AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMP)
  GROUP BY
    user_id
), added_to_cart AS (
  /* ADDED_TO_CART, until 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'ADDED_TO_CART'
    AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMP)
  GROUP BY
    user_id
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN subscription_cancelled_365d
  ON subscription_cancelled_365d.user_id = u.user_id
LEFT JOIN added_to_cart
  ON added_to_cart.user_id = u.user_id
WHERE
  COALESCE(subscription_cancelled_365d.times, 0) >= 1
  AND COALESCE(added_to_cart.times, 0) >= 1
ORDER BY
  u.user_id;

-- Snowflake

WITH subscription_cancelled_365d AS (
  /* SUBSCRIPTION_CANCELLED, 2025-11-22 to 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'SUBSCRIPTION_CANCELLED'
    AND timestamp > CAST('2025-11-22 00:00:00' AS TIMESTAMPNTZ)
    AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMPNTZ)
  GROUP BY
    user_id
), added_to_cart AS (
  /* ADDED_TO_CART, until 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'ADDED_TO_CART'
    AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMPNTZ)
  GROUP BY
    user_id
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN subscription_cancelled_365d
  ON subscription_cancelled_365d.user_id = u.user_id
LEFT JOIN added_to_cart
  ON added_to_cart.user_id = u.user_id
WHERE
  COALESCE(subscription_cancelled_365d.times, 0) >= 1
  AND COALESCE(added_to_cart.times, 0) >= 1
ORDER BY
  u.user_id;

-- BigQuery

WITH subscription_cancelled_365d AS (
  /* SUBSCRIPTION_CANCELLED, 2025-11-22 to 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'SUBSCRIPTION_CANCELLED'
    AND timestamp > CAST('2025-11-22 00:00:00' AS DATETIME)
    AND timestamp <= CAST('2026-11-22 00:00:00' AS DATETIME)
  GROUP BY
    user_id
), added_to_cart AS (
  /* ADDED_TO_CART, until 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'ADDED_TO_CART'
    AND timestamp <= CAST('2026-11-22 00:00:00' AS DATETIME)
  GROUP BY
    user_id
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN subscription_cancelled_365d
  ON subscription_cancelled_365d.user_id = u.user_id
LEFT JOIN added_to_cart
  ON added_to_cart.user_id = u.user_id
WHERE
  COALESCE(subscription_cancelled_365d.times, 0) >= 1
  AND COALESCE(added_to_cart.times, 0) >= 1
ORDER BY
  u.user_id;

-- Trino

WITH subscription_cancelled_365d AS (
  /* SUBSCRIPTION_CANCELLED, 2025-11-22 to 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'SUBSCRIPTION_CANCELLED'
    AND timestamp > CAST('2025-11-22 00:00:00' AS TIMESTAMP(6))
    AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMP(6))
  GROUP BY
    user_id
), added_to_cart AS (
  /* ADDED_TO_CART, until 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'ADDED_TO_CART'
    AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMP(6))
  GROUP BY
    user_id
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN subscription_cancelled_365d
  ON subscription_cancelled_365d.user_id = u.user_id
LEFT JOIN added_to_cart
  ON added_to_cart.user_id = u.user_id
WHERE
  COALESCE(subscription_cancelled_365d.times, 0) >= 1
  AND COALESCE(added_to_cart.times, 0) >= 1
ORDER BY
  u.user_id;

-- Redshift

WITH subscription_cancelled_365d AS (
  /* SUBSCRIPTION_CANCELLED, 2025-11-22 to 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'SUBSCRIPTION_CANCELLED'
    AND "timestamp" > CAST('2025-11-22 00:00:00' AS TIMESTAMP)
    AND "timestamp" <= CAST('2026-11-22 00:00:00' AS TIMESTAMP)
  GROUP BY
    user_id
), added_to_cart AS (
  /* ADDED_TO_CART, until 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'ADDED_TO_CART'
    AND "timestamp" <= CAST('2026-11-22 00:00:00' AS TIMESTAMP)
  GROUP BY
    user_id
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN subscription_cancelled_365d
  ON subscription_cancelled_365d.user_id = u.user_id
LEFT JOIN added_to_cart
  ON added_to_cart.user_id = u.user_id
WHERE
  COALESCE(subscription_cancelled_365d.times, 0) >= 1
  AND COALESCE(added_to_cart.times, 0) >= 1
ORDER BY
  u.user_id;
