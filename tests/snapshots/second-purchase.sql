-- Who bought exactly once, 30 to 180 days ago?
-- Users who did PURCHASE_MADE exactly once and whose last PURCHASE_MADE was between 30 and 180 days ago, as of 2026-11-22T00:00:00Z.

-- DuckDB

WITH purchase_made AS (
  /* PURCHASE_MADE, until 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times,
    MAX(timestamp) AS last_time
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
  COALESCE(purchase_made.times, 0) = 1
  AND (
    purchase_made.last_time <= CAST('2026-10-23 00:00:00' AS TIMESTAMP)
    AND purchase_made.last_time >= CAST('2026-05-26 00:00:00' AS TIMESTAMP)
  )
ORDER BY
  u.user_id;

-- PostgreSQL

WITH purchase_made AS (
  /* PURCHASE_MADE, until 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times,
    MAX(timestamp) AS last_time
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
  COALESCE(purchase_made.times, 0) = 1
  AND (
    purchase_made.last_time <= CAST('2026-10-23 00:00:00' AS TIMESTAMP)
    AND purchase_made.last_time >= CAST('2026-05-26 00:00:00' AS TIMESTAMP)
  )
ORDER BY
  u.user_id;

-- ClickHouse

WITH purchase_made AS (
  /* PURCHASE_MADE, until 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times,
    MAX(timestamp) AS last_time
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
  COALESCE(purchase_made.times, 0) = 1
  AND (
    purchase_made.last_time <= toDateTime64('2026-10-23 00:00:00', 6, 'UTC')
    AND purchase_made.last_time >= toDateTime64('2026-05-26 00:00:00', 6, 'UTC')
  )
ORDER BY
  u.user_id
SETTINGS join_use_nulls = 1;

-- Spark

WITH purchase_made AS (
  /* PURCHASE_MADE, until 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times,
    MAX(timestamp) AS last_time
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
  COALESCE(purchase_made.times, 0) = 1
  AND (
    purchase_made.last_time <= CAST('2026-10-23 00:00:00' AS TIMESTAMP)
    AND purchase_made.last_time >= CAST('2026-05-26 00:00:00' AS TIMESTAMP)
  )
ORDER BY
  u.user_id;

-- Databricks

WITH purchase_made AS (
  /* PURCHASE_MADE, until 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times,
    MAX(timestamp) AS last_time
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
  COALESCE(purchase_made.times, 0) = 1
  AND (
    purchase_made.last_time <= CAST('2026-10-23 00:00:00' AS TIMESTAMP)
    AND purchase_made.last_time >= CAST('2026-05-26 00:00:00' AS TIMESTAMP)
  )
ORDER BY
  u.user_id;

-- Snowflake

WITH purchase_made AS (
  /* PURCHASE_MADE, until 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times,
    MAX(timestamp) AS last_time
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
  COALESCE(purchase_made.times, 0) = 1
  AND (
    purchase_made.last_time <= CAST('2026-10-23 00:00:00' AS TIMESTAMPNTZ)
    AND purchase_made.last_time >= CAST('2026-05-26 00:00:00' AS TIMESTAMPNTZ)
  )
ORDER BY
  u.user_id;

-- BigQuery

WITH purchase_made AS (
  /* PURCHASE_MADE, until 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times,
    MAX(timestamp) AS last_time
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
  COALESCE(purchase_made.times, 0) = 1
  AND (
    purchase_made.last_time <= CAST('2026-10-23 00:00:00' AS DATETIME)
    AND purchase_made.last_time >= CAST('2026-05-26 00:00:00' AS DATETIME)
  )
ORDER BY
  u.user_id;

-- Trino

WITH purchase_made AS (
  /* PURCHASE_MADE, until 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times,
    MAX(timestamp) AS last_time
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
  COALESCE(purchase_made.times, 0) = 1
  AND (
    purchase_made.last_time <= CAST('2026-10-23 00:00:00' AS TIMESTAMP(6))
    AND purchase_made.last_time >= CAST('2026-05-26 00:00:00' AS TIMESTAMP(6))
  )
ORDER BY
  u.user_id;

-- Redshift

WITH purchase_made AS (
  /* PURCHASE_MADE, until 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times,
    MAX("timestamp") AS last_time
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
  COALESCE(purchase_made.times, 0) = 1
  AND (
    purchase_made.last_time <= CAST('2026-10-23 00:00:00' AS TIMESTAMP)
    AND purchase_made.last_time >= CAST('2026-05-26 00:00:00' AS TIMESTAMP)
  )
ORDER BY
  u.user_id;
