-- Who spent in the last 90 days less than half of what they spent in the 90 days before?
-- Users whose total amount of PURCHASE_MADE from 180 to 90 days ago is more than twice the total amount of PURCHASE_MADE in the last 90 days, as of 2026-11-22T00:00:00Z.

-- DuckDB

WITH purchase_made_90d AS (
  /* PURCHASE_MADE, 2026-05-26 to 2026-08-24 */
  SELECT
    user_id,
    SUM(amount) AS sum_amount
  FROM user_events
  WHERE
    event_name = 'PURCHASE_MADE'
    AND timestamp > CAST('2026-05-26 00:00:00' AS TIMESTAMP)
    AND timestamp <= CAST('2026-08-24 00:00:00' AS TIMESTAMP)
  GROUP BY
    user_id
), purchase_made_2_90d AS (
  /* PURCHASE_MADE, 2026-08-24 to 2026-11-22 */
  SELECT
    user_id,
    SUM(amount) AS sum_amount
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
LEFT JOIN purchase_made_90d
  ON purchase_made_90d.user_id = u.user_id
LEFT JOIN purchase_made_2_90d
  ON purchase_made_2_90d.user_id = u.user_id
WHERE
  COALESCE(purchase_made_90d.sum_amount, 0) > 2 * COALESCE(purchase_made_2_90d.sum_amount, 0)
ORDER BY
  u.user_id;

-- PostgreSQL

WITH purchase_made_90d AS (
  /* PURCHASE_MADE, 2026-05-26 to 2026-08-24 */
  SELECT
    user_id,
    SUM(amount) AS sum_amount
  FROM user_events
  WHERE
    event_name = 'PURCHASE_MADE'
    AND timestamp > CAST('2026-05-26 00:00:00' AS TIMESTAMP)
    AND timestamp <= CAST('2026-08-24 00:00:00' AS TIMESTAMP)
  GROUP BY
    user_id
), purchase_made_2_90d AS (
  /* PURCHASE_MADE, 2026-08-24 to 2026-11-22 */
  SELECT
    user_id,
    SUM(amount) AS sum_amount
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
LEFT JOIN purchase_made_90d
  ON purchase_made_90d.user_id = u.user_id
LEFT JOIN purchase_made_2_90d
  ON purchase_made_2_90d.user_id = u.user_id
WHERE
  COALESCE(purchase_made_90d.sum_amount, 0) > 2 * COALESCE(purchase_made_2_90d.sum_amount, 0)
ORDER BY
  u.user_id;

-- ClickHouse

WITH purchase_made_90d AS (
  /* PURCHASE_MADE, 2026-05-26 to 2026-08-24 */
  SELECT
    user_id,
    SUM(amount) AS sum_amount
  FROM user_events
  WHERE
    event_name = 'PURCHASE_MADE'
    AND timestamp > toDateTime64('2026-05-26 00:00:00', 6, 'UTC')
    AND timestamp <= toDateTime64('2026-08-24 00:00:00', 6, 'UTC')
  GROUP BY
    user_id
), purchase_made_2_90d AS (
  /* PURCHASE_MADE, 2026-08-24 to 2026-11-22 */
  SELECT
    user_id,
    SUM(amount) AS sum_amount
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
LEFT JOIN purchase_made_90d
  ON purchase_made_90d.user_id = u.user_id
LEFT JOIN purchase_made_2_90d
  ON purchase_made_2_90d.user_id = u.user_id
WHERE
  COALESCE(purchase_made_90d.sum_amount, 0) > 2 * COALESCE(purchase_made_2_90d.sum_amount, 0)
ORDER BY
  u.user_id
SETTINGS join_use_nulls = 1;

-- Spark

WITH purchase_made_90d AS (
  /* PURCHASE_MADE, 2026-05-26 to 2026-08-24 */
  SELECT
    user_id,
    SUM(amount) AS sum_amount
  FROM user_events
  WHERE
    event_name = 'PURCHASE_MADE'
    AND timestamp > CAST('2026-05-26 00:00:00' AS TIMESTAMP)
    AND timestamp <= CAST('2026-08-24 00:00:00' AS TIMESTAMP)
  GROUP BY
    user_id
), purchase_made_2_90d AS (
  /* PURCHASE_MADE, 2026-08-24 to 2026-11-22 */
  SELECT
    user_id,
    SUM(amount) AS sum_amount
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
LEFT JOIN purchase_made_90d
  ON purchase_made_90d.user_id = u.user_id
LEFT JOIN purchase_made_2_90d
  ON purchase_made_2_90d.user_id = u.user_id
WHERE
  COALESCE(purchase_made_90d.sum_amount, 0) > 2 * COALESCE(purchase_made_2_90d.sum_amount, 0)
ORDER BY
  u.user_id;

-- Databricks

WITH purchase_made_90d AS (
  /* PURCHASE_MADE, 2026-05-26 to 2026-08-24 */
  SELECT
    user_id,
    SUM(amount) AS sum_amount
  FROM user_events
  WHERE
    event_name = 'PURCHASE_MADE'
    AND timestamp > CAST('2026-05-26 00:00:00' AS TIMESTAMP)
    AND timestamp <= CAST('2026-08-24 00:00:00' AS TIMESTAMP)
  GROUP BY
    user_id
), purchase_made_2_90d AS (
  /* PURCHASE_MADE, 2026-08-24 to 2026-11-22 */
  SELECT
    user_id,
    SUM(amount) AS sum_amount
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
LEFT JOIN purchase_made_90d
  ON purchase_made_90d.user_id = u.user_id
LEFT JOIN purchase_made_2_90d
  ON purchase_made_2_90d.user_id = u.user_id
WHERE
  COALESCE(purchase_made_90d.sum_amount, 0) > 2 * COALESCE(purchase_made_2_90d.sum_amount, 0)
ORDER BY
  u.user_id;

-- Snowflake

WITH purchase_made_90d AS (
  /* PURCHASE_MADE, 2026-05-26 to 2026-08-24 */
  SELECT
    user_id,
    SUM(amount) AS sum_amount
  FROM user_events
  WHERE
    event_name = 'PURCHASE_MADE'
    AND timestamp > CAST('2026-05-26 00:00:00' AS TIMESTAMPNTZ)
    AND timestamp <= CAST('2026-08-24 00:00:00' AS TIMESTAMPNTZ)
  GROUP BY
    user_id
), purchase_made_2_90d AS (
  /* PURCHASE_MADE, 2026-08-24 to 2026-11-22 */
  SELECT
    user_id,
    SUM(amount) AS sum_amount
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
LEFT JOIN purchase_made_90d
  ON purchase_made_90d.user_id = u.user_id
LEFT JOIN purchase_made_2_90d
  ON purchase_made_2_90d.user_id = u.user_id
WHERE
  COALESCE(purchase_made_90d.sum_amount, 0) > 2 * COALESCE(purchase_made_2_90d.sum_amount, 0)
ORDER BY
  u.user_id;

-- BigQuery

WITH purchase_made_90d AS (
  /* PURCHASE_MADE, 2026-05-26 to 2026-08-24 */
  SELECT
    user_id,
    SUM(amount) AS sum_amount
  FROM user_events
  WHERE
    event_name = 'PURCHASE_MADE'
    AND timestamp > CAST('2026-05-26 00:00:00' AS DATETIME)
    AND timestamp <= CAST('2026-08-24 00:00:00' AS DATETIME)
  GROUP BY
    user_id
), purchase_made_2_90d AS (
  /* PURCHASE_MADE, 2026-08-24 to 2026-11-22 */
  SELECT
    user_id,
    SUM(amount) AS sum_amount
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
LEFT JOIN purchase_made_90d
  ON purchase_made_90d.user_id = u.user_id
LEFT JOIN purchase_made_2_90d
  ON purchase_made_2_90d.user_id = u.user_id
WHERE
  COALESCE(purchase_made_90d.sum_amount, 0) > 2 * COALESCE(purchase_made_2_90d.sum_amount, 0)
ORDER BY
  u.user_id;

-- Trino

WITH purchase_made_90d AS (
  /* PURCHASE_MADE, 2026-05-26 to 2026-08-24 */
  SELECT
    user_id,
    SUM(amount) AS sum_amount
  FROM user_events
  WHERE
    event_name = 'PURCHASE_MADE'
    AND timestamp > CAST('2026-05-26 00:00:00' AS TIMESTAMP(6))
    AND timestamp <= CAST('2026-08-24 00:00:00' AS TIMESTAMP(6))
  GROUP BY
    user_id
), purchase_made_2_90d AS (
  /* PURCHASE_MADE, 2026-08-24 to 2026-11-22 */
  SELECT
    user_id,
    SUM(amount) AS sum_amount
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
LEFT JOIN purchase_made_90d
  ON purchase_made_90d.user_id = u.user_id
LEFT JOIN purchase_made_2_90d
  ON purchase_made_2_90d.user_id = u.user_id
WHERE
  COALESCE(purchase_made_90d.sum_amount, 0) > 2 * COALESCE(purchase_made_2_90d.sum_amount, 0)
ORDER BY
  u.user_id;

-- Redshift

WITH purchase_made_90d AS (
  /* PURCHASE_MADE, 2026-05-26 to 2026-08-24 */
  SELECT
    user_id,
    SUM(amount) AS sum_amount
  FROM user_events
  WHERE
    event_name = 'PURCHASE_MADE'
    AND "timestamp" > CAST('2026-05-26 00:00:00' AS TIMESTAMP)
    AND "timestamp" <= CAST('2026-08-24 00:00:00' AS TIMESTAMP)
  GROUP BY
    user_id
), purchase_made_2_90d AS (
  /* PURCHASE_MADE, 2026-08-24 to 2026-11-22 */
  SELECT
    user_id,
    SUM(amount) AS sum_amount
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
LEFT JOIN purchase_made_90d
  ON purchase_made_90d.user_id = u.user_id
LEFT JOIN purchase_made_2_90d
  ON purchase_made_2_90d.user_id = u.user_id
WHERE
  COALESCE(purchase_made_90d.sum_amount, 0) > 2 * COALESCE(purchase_made_2_90d.sum_amount, 0)
ORDER BY
  u.user_id;
