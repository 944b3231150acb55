-- Who once paid 300 dollars or more, but has bought nothing in the last 90 days?
-- Users whose largest amount of PURCHASE_MADE is at least 300 and who never did PURCHASE_MADE in the last 90 days, as of 2026-11-22T00:00:00Z.

-- DuckDB

WITH purchase_made AS (
  /* PURCHASE_MADE, until 2026-11-22 */
  SELECT
    user_id,
    MAX(amount) AS max_amount
  FROM user_events
  WHERE
    event_name = 'PURCHASE_MADE'
    AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMP)
  GROUP BY
    user_id
), purchase_made_90d AS (
  /* PURCHASE_MADE, 2026-08-24 to 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
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
LEFT JOIN purchase_made
  ON purchase_made.user_id = u.user_id
LEFT JOIN purchase_made_90d
  ON purchase_made_90d.user_id = u.user_id
WHERE
  purchase_made.max_amount >= 300
  AND COALESCE(purchase_made_90d.times, 0) = 0
ORDER BY
  u.user_id;

-- PostgreSQL

WITH purchase_made AS (
  /* PURCHASE_MADE, until 2026-11-22 */
  SELECT
    user_id,
    MAX(amount) AS max_amount
  FROM user_events
  WHERE
    event_name = 'PURCHASE_MADE'
    AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMP)
  GROUP BY
    user_id
), purchase_made_90d AS (
  /* PURCHASE_MADE, 2026-08-24 to 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
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
LEFT JOIN purchase_made
  ON purchase_made.user_id = u.user_id
LEFT JOIN purchase_made_90d
  ON purchase_made_90d.user_id = u.user_id
WHERE
  purchase_made.max_amount >= 300
  AND COALESCE(purchase_made_90d.times, 0) = 0
ORDER BY
  u.user_id;

-- ClickHouse

WITH purchase_made AS (
  /* PURCHASE_MADE, until 2026-11-22 */
  SELECT
    user_id,
    MAX(amount) AS max_amount
  FROM user_events
  WHERE
    event_name = 'PURCHASE_MADE'
    AND timestamp <= toDateTime64('2026-11-22 00:00:00', 6, 'UTC')
  GROUP BY
    user_id
), purchase_made_90d AS (
  /* PURCHASE_MADE, 2026-08-24 to 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
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
LEFT JOIN purchase_made
  ON purchase_made.user_id = u.user_id
LEFT JOIN purchase_made_90d
  ON purchase_made_90d.user_id = u.user_id
WHERE
  purchase_made.max_amount >= 300
  AND COALESCE(purchase_made_90d.times, 0) = 0
ORDER BY
  u.user_id
SETTINGS join_use_nulls = 1;

-- Spark

WITH purchase_made AS (
  /* PURCHASE_MADE, until 2026-11-22 */
  SELECT
    user_id,
    MAX(amount) AS max_amount
  FROM user_events
  WHERE
    event_name = 'PURCHASE_MADE'
    AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMP)
  GROUP BY
    user_id
), purchase_made_90d AS (
  /* PURCHASE_MADE, 2026-08-24 to 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
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
LEFT JOIN purchase_made
  ON purchase_made.user_id = u.user_id
LEFT JOIN purchase_made_90d
  ON purchase_made_90d.user_id = u.user_id
WHERE
  purchase_made.max_amount >= 300
  AND COALESCE(purchase_made_90d.times, 0) = 0
ORDER BY
  u.user_id;

-- Databricks

WITH purchase_made AS (
  /* PURCHASE_MADE, until 2026-11-22 */
  SELECT
    user_id,
    MAX(amount) AS max_amount
  FROM user_events
  WHERE
    event_name = 'PURCHASE_MADE'
    AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMP)
  GROUP BY
    user_id
), purchase_made_90d AS (
  /* PURCHASE_MADE, 2026-08-24 to 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
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
LEFT JOIN purchase_made
  ON purchase_made.user_id = u.user_id
LEFT JOIN purchase_made_90d
  ON purchase_made_90d.user_id = u.user_id
WHERE
  purchase_made.max_amount >= 300
  AND COALESCE(purchase_made_90d.times, 0) = 0
ORDER BY
  u.user_id;

-- Snowflake

WITH purchase_made AS (
  /* PURCHASE_MADE, until 2026-11-22 */
  SELECT
    user_id,
    MAX(amount) AS max_amount
  FROM user_events
  WHERE
    event_name = 'PURCHASE_MADE'
    AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMPNTZ)
  GROUP BY
    user_id
), purchase_made_90d AS (
  /* PURCHASE_MADE, 2026-08-24 to 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
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
LEFT JOIN purchase_made
  ON purchase_made.user_id = u.user_id
LEFT JOIN purchase_made_90d
  ON purchase_made_90d.user_id = u.user_id
WHERE
  purchase_made.max_amount >= 300
  AND COALESCE(purchase_made_90d.times, 0) = 0
ORDER BY
  u.user_id;

-- BigQuery

WITH purchase_made AS (
  /* PURCHASE_MADE, until 2026-11-22 */
  SELECT
    user_id,
    MAX(amount) AS max_amount
  FROM user_events
  WHERE
    event_name = 'PURCHASE_MADE'
    AND timestamp <= CAST('2026-11-22 00:00:00' AS DATETIME)
  GROUP BY
    user_id
), purchase_made_90d AS (
  /* PURCHASE_MADE, 2026-08-24 to 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
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
LEFT JOIN purchase_made
  ON purchase_made.user_id = u.user_id
LEFT JOIN purchase_made_90d
  ON purchase_made_90d.user_id = u.user_id
WHERE
  purchase_made.max_amount >= 300
  AND COALESCE(purchase_made_90d.times, 0) = 0
ORDER BY
  u.user_id;

-- Trino

WITH purchase_made AS (
  /* PURCHASE_MADE, until 2026-11-22 */
  SELECT
    user_id,
    MAX(amount) AS max_amount
  FROM user_events
  WHERE
    event_name = 'PURCHASE_MADE'
    AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMP(6))
  GROUP BY
    user_id
), purchase_made_90d AS (
  /* PURCHASE_MADE, 2026-08-24 to 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
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
LEFT JOIN purchase_made
  ON purchase_made.user_id = u.user_id
LEFT JOIN purchase_made_90d
  ON purchase_made_90d.user_id = u.user_id
WHERE
  purchase_made.max_amount >= 300
  AND COALESCE(purchase_made_90d.times, 0) = 0
ORDER BY
  u.user_id;

-- Redshift

WITH purchase_made AS (
  /* PURCHASE_MADE, until 2026-11-22 */
  SELECT
    user_id,
    MAX(amount) AS max_amount
  FROM user_events
  WHERE
    event_name = 'PURCHASE_MADE'
    AND "timestamp" <= CAST('2026-11-22 00:00:00' AS TIMESTAMP)
  GROUP BY
    user_id
), purchase_made_90d AS (
  /* PURCHASE_MADE, 2026-08-24 to 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
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
LEFT JOIN purchase_made
  ON purchase_made.user_id = u.user_id
LEFT JOIN purchase_made_90d
  ON purchase_made_90d.user_id = u.user_id
WHERE
  purchase_made.max_amount >= 300
  AND COALESCE(purchase_made_90d.times, 0) = 0
ORDER BY
  u.user_id;
