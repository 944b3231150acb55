-- Who spent 200 dollars or more in the last year?
-- Users whose total amount of PURCHASE_MADE in the last 365 days is at least 200, as of 2026-11-22T00:00:00Z.

-- DuckDB

WITH purchase_made_365d AS (
  /* PURCHASE_MADE, 2025-11-22 to 2026-11-22 */
  SELECT
    user_id,
    SUM(amount) AS sum_amount
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
LEFT JOIN purchase_made_365d
  ON purchase_made_365d.user_id = u.user_id
WHERE
  COALESCE(purchase_made_365d.sum_amount, 0) >= 200
ORDER BY
  u.user_id;

-- PostgreSQL

WITH purchase_made_365d AS (
  /* PURCHASE_MADE, 2025-11-22 to 2026-11-22 */
  SELECT
    user_id,
    SUM(amount) AS sum_amount
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
LEFT JOIN purchase_made_365d
  ON purchase_made_365d.user_id = u.user_id
WHERE
  COALESCE(purchase_made_365d.sum_amount, 0) >= 200
ORDER BY
  u.user_id;

-- ClickHouse

WITH purchase_made_365d AS (
  /* PURCHASE_MADE, 2025-11-22 to 2026-11-22 */
  SELECT
    user_id,
    SUM(amount) AS sum_amount
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
LEFT JOIN purchase_made_365d
  ON purchase_made_365d.user_id = u.user_id
WHERE
  COALESCE(purchase_made_365d.sum_amount, 0) >= 200
ORDER BY
  u.user_id
SETTINGS join_use_nulls = 1;

-- Spark

WITH purchase_made_365d AS (
  /* PURCHASE_MADE, 2025-11-22 to 2026-11-22 */
  SELECT
    user_id,
    SUM(amount) AS sum_amount
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
LEFT JOIN purchase_made_365d
  ON purchase_made_365d.user_id = u.user_id
WHERE
  COALESCE(purchase_made_365d.sum_amount, 0) >= 200
ORDER BY
  u.user_id;

-- Databricks

WITH purchase_made_365d AS (
  /* PURCHASE_MADE, 2025-11-22 to 2026-11-22 */
  SELECT
    user_id,
    SUM(amount) AS sum_amount
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
LEFT JOIN purchase_made_365d
  ON purchase_made_365d.user_id = u.user_id
WHERE
  COALESCE(purchase_made_365d.sum_amount, 0) >= 200
ORDER BY
  u.user_id;

-- Snowflake

WITH purchase_made_365d AS (
  /* PURCHASE_MADE, 2025-11-22 to 2026-11-22 */
  SELECT
    user_id,
    SUM(amount) AS sum_amount
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
LEFT JOIN purchase_made_365d
  ON purchase_made_365d.user_id = u.user_id
WHERE
  COALESCE(purchase_made_365d.sum_amount, 0) >= 200
ORDER BY
  u.user_id;

-- BigQuery

WITH purchase_made_365d AS (
  /* PURCHASE_MADE, 2025-11-22 to 2026-11-22 */
  SELECT
    user_id,
    SUM(amount) AS sum_amount
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
LEFT JOIN purchase_made_365d
  ON purchase_made_365d.user_id = u.user_id
WHERE
  COALESCE(purchase_made_365d.sum_amount, 0) >= 200
ORDER BY
  u.user_id;

-- Trino

WITH purchase_made_365d AS (
  /* PURCHASE_MADE, 2025-11-22 to 2026-11-22 */
  SELECT
    user_id,
    SUM(amount) AS sum_amount
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
LEFT JOIN purchase_made_365d
  ON purchase_made_365d.user_id = u.user_id
WHERE
  COALESCE(purchase_made_365d.sum_amount, 0) >= 200
ORDER BY
  u.user_id;

-- Redshift

WITH purchase_made_365d AS (
  /* PURCHASE_MADE, 2025-11-22 to 2026-11-22 */
  SELECT
    user_id,
    SUM(amount) AS sum_amount
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
LEFT JOIN purchase_made_365d
  ON purchase_made_365d.user_id = u.user_id
WHERE
  COALESCE(purchase_made_365d.sum_amount, 0) >= 200
ORDER BY
  u.user_id;
