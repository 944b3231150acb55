-- Who has put something into a cart but never bought anything?
-- Users who did ADDED_TO_CART at least once and who never did PURCHASE_MADE, as of 2026-11-22T00:00:00Z.

-- DuckDB

WITH added_to_cart AS (
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
), purchase_made AS (
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
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN added_to_cart
  ON added_to_cart.user_id = u.user_id
LEFT JOIN purchase_made
  ON purchase_made.user_id = u.user_id
WHERE
  COALESCE(added_to_cart.times, 0) >= 1
  AND COALESCE(purchase_made.times, 0) = 0
ORDER BY
  u.user_id;

-- PostgreSQL

WITH added_to_cart AS (
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
), purchase_made AS (
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
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN added_to_cart
  ON added_to_cart.user_id = u.user_id
LEFT JOIN purchase_made
  ON purchase_made.user_id = u.user_id
WHERE
  COALESCE(added_to_cart.times, 0) >= 1
  AND COALESCE(purchase_made.times, 0) = 0
ORDER BY
  u.user_id;

-- ClickHouse

WITH added_to_cart AS (
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
), purchase_made AS (
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
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN added_to_cart
  ON added_to_cart.user_id = u.user_id
LEFT JOIN purchase_made
  ON purchase_made.user_id = u.user_id
WHERE
  COALESCE(added_to_cart.times, 0) >= 1
  AND COALESCE(purchase_made.times, 0) = 0
ORDER BY
  u.user_id
SETTINGS join_use_nulls = 1;

-- Spark

WITH added_to_cart AS (
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
), purchase_made AS (
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
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN added_to_cart
  ON added_to_cart.user_id = u.user_id
LEFT JOIN purchase_made
  ON purchase_made.user_id = u.user_id
WHERE
  COALESCE(added_to_cart.times, 0) >= 1
  AND COALESCE(purchase_made.times, 0) = 0
ORDER BY
  u.user_id;

-- Databricks

WITH added_to_cart AS (
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
), purchase_made AS (
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
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN added_to_cart
  ON added_to_cart.user_id = u.user_id
LEFT JOIN purchase_made
  ON purchase_made.user_id = u.user_id
WHERE
  COALESCE(added_to_cart.times, 0) >= 1
  AND COALESCE(purchase_made.times, 0) = 0
ORDER BY
  u.user_id;

-- Snowflake

WITH added_to_cart AS (
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
), purchase_made AS (
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
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN added_to_cart
  ON added_to_cart.user_id = u.user_id
LEFT JOIN purchase_made
  ON purchase_made.user_id = u.user_id
WHERE
  COALESCE(added_to_cart.times, 0) >= 1
  AND COALESCE(purchase_made.times, 0) = 0
ORDER BY
  u.user_id;

-- BigQuery

WITH added_to_cart AS (
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
), purchase_made AS (
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
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN added_to_cart
  ON added_to_cart.user_id = u.user_id
LEFT JOIN purchase_made
  ON purchase_made.user_id = u.user_id
WHERE
  COALESCE(added_to_cart.times, 0) >= 1
  AND COALESCE(purchase_made.times, 0) = 0
ORDER BY
  u.user_id;

-- Trino

WITH added_to_cart AS (
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
), purchase_made AS (
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
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN added_to_cart
  ON added_to_cart.user_id = u.user_id
LEFT JOIN purchase_made
  ON purchase_made.user_id = u.user_id
WHERE
  COALESCE(added_to_cart.times, 0) >= 1
  AND COALESCE(purchase_made.times, 0) = 0
ORDER BY
  u.user_id;

-- Redshift

WITH added_to_cart AS (
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
), purchase_made AS (
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
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN added_to_cart
  ON added_to_cart.user_id = u.user_id
LEFT JOIN purchase_made
  ON purchase_made.user_id = u.user_id
WHERE
  COALESCE(added_to_cart.times, 0) >= 1
  AND COALESCE(purchase_made.times, 0) = 0
ORDER BY
  u.user_id;
