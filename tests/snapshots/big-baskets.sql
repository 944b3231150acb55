-- Which free and basic users pay 100 dollars or more in an average purchase, so that a bigger plan would save them shipping?
-- Users whose subscription plan is any of “free” or “basic” and whose average amount of PURCHASE_MADE is at least 100, as of 2026-11-22T00:00:00Z.

-- DuckDB

WITH purchase_made AS (
  /* PURCHASE_MADE, until 2026-11-22 */
  SELECT
    user_id,
    SUM(amount) AS sum_amount,
    COUNT(amount) AS known_amount
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
LEFT JOIN purchase_made
  ON purchase_made.user_id = u.user_id
WHERE
  u.subscription_plan IN ('free', 'basic')
  AND purchase_made.sum_amount >= 100 * purchase_made.known_amount
ORDER BY
  u.user_id;

-- PostgreSQL

WITH purchase_made AS (
  /* PURCHASE_MADE, until 2026-11-22 */
  SELECT
    user_id,
    SUM(amount) AS sum_amount,
    COUNT(amount) AS known_amount
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
LEFT JOIN purchase_made
  ON purchase_made.user_id = u.user_id
WHERE
  u.subscription_plan IN ('free', 'basic')
  AND purchase_made.sum_amount >= 100 * purchase_made.known_amount
ORDER BY
  u.user_id;

-- ClickHouse

WITH purchase_made AS (
  /* PURCHASE_MADE, until 2026-11-22 */
  SELECT
    user_id,
    SUM(amount) AS sum_amount,
    COUNT(amount) AS known_amount
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
LEFT JOIN purchase_made
  ON purchase_made.user_id = u.user_id
WHERE
  u.subscription_plan IN ('free', 'basic')
  AND purchase_made.sum_amount >= 100 * purchase_made.known_amount
ORDER BY
  u.user_id
SETTINGS join_use_nulls = 1;

-- Spark

WITH purchase_made AS (
  /* PURCHASE_MADE, until 2026-11-22 */
  SELECT
    user_id,
    SUM(amount) AS sum_amount,
    COUNT(amount) AS known_amount
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
LEFT JOIN purchase_made
  ON purchase_made.user_id = u.user_id
WHERE
  u.subscription_plan IN ('free', 'basic')
  AND purchase_made.sum_amount >= 100 * purchase_made.known_amount
ORDER BY
  u.user_id;

-- Databricks

WITH purchase_made AS (
  /* PURCHASE_MADE, until 2026-11-22 */
  SELECT
    user_id,
    SUM(amount) AS sum_amount,
    COUNT(amount) AS known_amount
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
LEFT JOIN purchase_made
  ON purchase_made.user_id = u.user_id
WHERE
  u.subscription_plan IN ('free', 'basic')
  AND purchase_made.sum_amount >= 100 * purchase_made.known_amount
ORDER BY
  u.user_id;

-- Snowflake

WITH purchase_made AS (
  /* PURCHASE_MADE, until 2026-11-22 */
  SELECT
    user_id,
    SUM(amount) AS sum_amount,
    COUNT(amount) AS known_amount
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
LEFT JOIN purchase_made
  ON purchase_made.user_id = u.user_id
WHERE
  u.subscription_plan IN ('free', 'basic')
  AND purchase_made.sum_amount >= 100 * purchase_made.known_amount
ORDER BY
  u.user_id;

-- BigQuery

WITH purchase_made AS (
  /* PURCHASE_MADE, until 2026-11-22 */
  SELECT
    user_id,
    SUM(amount) AS sum_amount,
    COUNT(amount) AS known_amount
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
LEFT JOIN purchase_made
  ON purchase_made.user_id = u.user_id
WHERE
  u.subscription_plan IN ('free', 'basic')
  AND purchase_made.sum_amount >= 100 * purchase_made.known_amount
ORDER BY
  u.user_id;

-- Trino

WITH purchase_made AS (
  /* PURCHASE_MADE, until 2026-11-22 */
  SELECT
    user_id,
    SUM(amount) AS sum_amount,
    COUNT(amount) AS known_amount
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
LEFT JOIN purchase_made
  ON purchase_made.user_id = u.user_id
WHERE
  u.subscription_plan IN ('free', 'basic')
  AND purchase_made.sum_amount >= 100 * purchase_made.known_amount
ORDER BY
  u.user_id;

-- Redshift

WITH purchase_made AS (
  /* PURCHASE_MADE, until 2026-11-22 */
  SELECT
    user_id,
    SUM(amount) AS sum_amount,
    COUNT(amount) AS known_amount
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
LEFT JOIN purchase_made
  ON purchase_made.user_id = u.user_id
WHERE
  u.subscription_plan IN ('free', 'basic')
  AND purchase_made.sum_amount >= 100 * purchase_made.known_amount
ORDER BY
  u.user_id;
