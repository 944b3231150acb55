-- Who bought electronics last, within the last 180 days?
-- Users for whom the category of the last PURCHASE_MADE in the last 180 days is “Electronics”, as of 2026-11-22T00:00:00Z.

-- DuckDB

WITH purchase_made_180d AS MATERIALIZED (
  /* PURCHASE_MADE, 2026-05-26 to 2026-11-22 */
  SELECT
    user_id,
    MAX(CASE WHEN timestamp = last_time THEN category END) AS last_category
  FROM (
    SELECT
      user_id,
      timestamp,
      category,
      MAX(timestamp) OVER (PARTITION BY user_id) AS last_time
    FROM user_events
    WHERE
      event_name = 'PURCHASE_MADE'
      AND timestamp > CAST('2026-05-26 00:00:00' AS TIMESTAMP)
      AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMP)
  ) AS found
  GROUP BY
    user_id
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN purchase_made_180d
  ON purchase_made_180d.user_id = u.user_id
WHERE
  purchase_made_180d.last_category = 'Electronics'
ORDER BY
  u.user_id;

-- PostgreSQL

WITH purchase_made_180d AS (
  /* PURCHASE_MADE, 2026-05-26 to 2026-11-22 */
  SELECT
    user_id,
    MAX(
      CASE WHEN timestamp = last_time THEN category END COLLATE "C"
    ) AS last_category
  FROM (
    SELECT
      user_id,
      timestamp,
      category,
      MAX(timestamp) OVER (PARTITION BY user_id) AS last_time
    FROM user_events
    WHERE
      event_name = 'PURCHASE_MADE'
      AND timestamp > CAST('2026-05-26 00:00:00' AS TIMESTAMP)
      AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMP)
  ) AS found
  GROUP BY
    user_id
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN purchase_made_180d
  ON purchase_made_180d.user_id = u.user_id
WHERE
  purchase_made_180d.last_category = 'Electronics'
ORDER BY
  u.user_id;

-- ClickHouse

WITH purchase_made_180d AS (
  /* PURCHASE_MADE, 2026-05-26 to 2026-11-22 */
  SELECT
    user_id,
    MAX(CASE WHEN timestamp = last_time THEN category END) AS last_category
  FROM (
    SELECT
      user_id,
      timestamp,
      category,
      MAX(timestamp) OVER (PARTITION BY user_id) AS last_time
    FROM user_events
    WHERE
      event_name = 'PURCHASE_MADE'
      AND timestamp > toDateTime64('2026-05-26 00:00:00', 6, 'UTC')
      AND timestamp <= toDateTime64('2026-11-22 00:00:00', 6, 'UTC')
  ) AS found
  GROUP BY
    user_id
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN purchase_made_180d
  ON purchase_made_180d.user_id = u.user_id
WHERE
  purchase_made_180d.last_category = 'Electronics'
ORDER BY
  u.user_id
SETTINGS join_use_nulls = 1, aggregate_functions_null_for_empty = 1;

-- Spark

WITH purchase_made_180d AS (
  /* PURCHASE_MADE, 2026-05-26 to 2026-11-22 */
  SELECT
    user_id,
    MAX(CASE WHEN timestamp = last_time THEN category END) AS last_category
  FROM (
    SELECT
      user_id,
      timestamp,
      category,
      MAX(timestamp) OVER (PARTITION BY user_id) AS last_time
    FROM user_events
    WHERE
      event_name = 'PURCHASE_MADE'
      AND timestamp > CAST('2026-05-26 00:00:00' AS TIMESTAMP)
      AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMP)
  ) AS found
  GROUP BY
    user_id
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN purchase_made_180d
  ON purchase_made_180d.user_id = u.user_id
WHERE
  purchase_made_180d.last_category = 'Electronics'
ORDER BY
  u.user_id;

-- Databricks

WITH purchase_made_180d AS (
  /* PURCHASE_MADE, 2026-05-26 to 2026-11-22 */
  SELECT
    user_id,
    MAX(CASE WHEN timestamp = last_time THEN category END) AS last_category
  FROM (
    SELECT
      user_id,
      timestamp,
      category,
      MAX(timestamp) OVER (PARTITION BY user_id) AS last_time
    FROM user_events
    WHERE
      event_name = 'PURCHASE_MADE'
      AND timestamp > CAST('2026-05-26 00:00:00' AS TIMESTAMP)
      AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMP)
  ) AS found
  GROUP BY
    user_id
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN purchase_made_180d
  ON purchase_made_180d.user_id = u.user_id
WHERE
  purchase_made_180d.last_category = 'Electronics'
ORDER BY
  u.user_id;

-- Snowflake

WITH purchase_made_180d AS (
  /* PURCHASE_MADE, 2026-05-26 to 2026-11-22 */
  SELECT
    user_id,
    MAX(CASE WHEN timestamp = last_time THEN category END) AS last_category
  FROM (
    SELECT
      user_id,
      timestamp,
      category,
      MAX(timestamp) OVER (PARTITION BY user_id) AS last_time
    FROM user_events
    WHERE
      event_name = 'PURCHASE_MADE'
      AND timestamp > CAST('2026-05-26 00:00:00' AS TIMESTAMPNTZ)
      AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMPNTZ)
  ) AS found
  GROUP BY
    user_id
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN purchase_made_180d
  ON purchase_made_180d.user_id = u.user_id
WHERE
  purchase_made_180d.last_category = 'Electronics'
ORDER BY
  u.user_id;

-- BigQuery

WITH purchase_made_180d AS (
  /* PURCHASE_MADE, 2026-05-26 to 2026-11-22 */
  SELECT
    user_id,
    MAX(CASE WHEN timestamp = last_time THEN category END) AS last_category
  FROM (
    SELECT
      user_id,
      timestamp,
      category,
      MAX(timestamp) OVER (PARTITION BY user_id) AS last_time
    FROM user_events
    WHERE
      event_name = 'PURCHASE_MADE'
      AND timestamp > CAST('2026-05-26 00:00:00' AS DATETIME)
      AND timestamp <= CAST('2026-11-22 00:00:00' AS DATETIME)
  ) AS found
  GROUP BY
    user_id
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN purchase_made_180d
  ON purchase_made_180d.user_id = u.user_id
WHERE
  purchase_made_180d.last_category = 'Electronics'
ORDER BY
  u.user_id;

-- Trino

WITH purchase_made_180d AS (
  /* PURCHASE_MADE, 2026-05-26 to 2026-11-22 */
  SELECT
    user_id,
    MAX(CASE WHEN timestamp = last_time THEN category END) AS last_category
  FROM (
    SELECT
      user_id,
      timestamp,
      category,
      MAX(timestamp) OVER (PARTITION BY user_id) AS last_time
    FROM user_events
    WHERE
      event_name = 'PURCHASE_MADE'
      AND timestamp > CAST('2026-05-26 00:00:00' AS TIMESTAMP(6))
      AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMP(6))
  ) AS found
  GROUP BY
    user_id
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN purchase_made_180d
  ON purchase_made_180d.user_id = u.user_id
WHERE
  purchase_made_180d.last_category = 'Electronics'
ORDER BY
  u.user_id;

-- Redshift

WITH purchase_made_180d AS (
  /* PURCHASE_MADE, 2026-05-26 to 2026-11-22 */
  SELECT
    user_id,
    MAX(CASE WHEN "timestamp" = last_time THEN category END) AS last_category
  FROM (
    SELECT
      user_id,
      "timestamp",
      category,
      MAX("timestamp") OVER (PARTITION BY user_id) AS last_time
    FROM user_events
    WHERE
      event_name = 'PURCHASE_MADE'
      AND "timestamp" > CAST('2026-05-26 00:00:00' AS TIMESTAMP)
      AND "timestamp" <= CAST('2026-11-22 00:00:00' AS TIMESTAMP)
  ) AS found
  GROUP BY
    user_id
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN purchase_made_180d
  ON purchase_made_180d.user_id = u.user_id
WHERE
  purchase_made_180d.last_category = 'Electronics'
ORDER BY
  u.user_id;
