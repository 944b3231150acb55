-- Whose first purchase was a book, and who has bought nothing in the last 180 days?
-- Users for whom the category of the first PURCHASE_MADE is “Books” and who never did PURCHASE_MADE in the last 180 days, as of 2026-11-22T00:00:00Z.

-- DuckDB

WITH purchase_made AS MATERIALIZED (
  /* PURCHASE_MADE, until 2026-11-22 */
  SELECT
    user_id,
    MIN(CASE WHEN timestamp = first_time THEN category END) AS first_category
  FROM (
    SELECT
      user_id,
      timestamp,
      category,
      MIN(timestamp) OVER (PARTITION BY user_id) AS first_time
    FROM user_events
    WHERE
      event_name = 'PURCHASE_MADE'
      AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMP)
  ) AS found
  GROUP BY
    user_id
), purchase_made_180d AS MATERIALIZED (
  /* PURCHASE_MADE, 2026-05-26 to 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'PURCHASE_MADE'
    AND timestamp > CAST('2026-05-26 00:00:00' AS TIMESTAMP)
    AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMP)
  GROUP BY
    user_id
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN purchase_made
  ON purchase_made.user_id = u.user_id
LEFT JOIN purchase_made_180d
  ON purchase_made_180d.user_id = u.user_id
WHERE
  purchase_made.first_category = 'Books'
  AND COALESCE(purchase_made_180d.times, 0) = 0
ORDER BY
  u.user_id;

-- PostgreSQL

WITH purchase_made AS (
  /* PURCHASE_MADE, until 2026-11-22 */
  SELECT
    user_id,
    MIN(
      CASE WHEN timestamp = first_time THEN category END COLLATE "C"
    ) AS first_category
  FROM (
    SELECT
      user_id,
      timestamp,
      category,
      MIN(timestamp) OVER (PARTITION BY user_id) AS first_time
    FROM user_events
    WHERE
      event_name = 'PURCHASE_MADE'
      AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMP)
  ) AS found
  GROUP BY
    user_id
), purchase_made_180d AS (
  /* PURCHASE_MADE, 2026-05-26 to 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'PURCHASE_MADE'
    AND timestamp > CAST('2026-05-26 00:00:00' AS TIMESTAMP)
    AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMP)
  GROUP BY
    user_id
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN purchase_made
  ON purchase_made.user_id = u.user_id
LEFT JOIN purchase_made_180d
  ON purchase_made_180d.user_id = u.user_id
WHERE
  purchase_made.first_category = 'Books'
  AND COALESCE(purchase_made_180d.times, 0) = 0
ORDER BY
  u.user_id;

-- ClickHouse

WITH purchase_made AS (
  /* PURCHASE_MADE, until 2026-11-22 */
  SELECT
    user_id,
    MIN(CASE WHEN timestamp = first_time THEN category END) AS first_category
  FROM (
    SELECT
      user_id,
      timestamp,
      category,
      MIN(timestamp) OVER (PARTITION BY user_id) AS first_time
    FROM user_events
    WHERE
      event_name = 'PURCHASE_MADE'
      AND timestamp <= toDateTime64('2026-11-22 00:00:00', 6, 'UTC')
  ) AS found
  GROUP BY
    user_id
), purchase_made_180d AS (
  /* PURCHASE_MADE, 2026-05-26 to 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'PURCHASE_MADE'
    AND timestamp > toDateTime64('2026-05-26 00:00:00', 6, 'UTC')
    AND timestamp <= toDateTime64('2026-11-22 00:00:00', 6, 'UTC')
  GROUP BY
    user_id
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN purchase_made
  ON purchase_made.user_id = u.user_id
LEFT JOIN purchase_made_180d
  ON purchase_made_180d.user_id = u.user_id
WHERE
  purchase_made.first_category = 'Books'
  AND COALESCE(purchase_made_180d.times, 0) = 0
ORDER BY
  u.user_id
SETTINGS join_use_nulls = 1, aggregate_functions_null_for_empty = 1;

-- Spark

WITH purchase_made AS (
  /* PURCHASE_MADE, until 2026-11-22 */
  SELECT
    user_id,
    MIN(CASE WHEN timestamp = first_time THEN category END) AS first_category
  FROM (
    SELECT
      user_id,
      timestamp,
      category,
      MIN(timestamp) OVER (PARTITION BY user_id) AS first_time
    FROM user_events
    WHERE
      event_name = 'PURCHASE_MADE'
      AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMP)
  ) AS found
  GROUP BY
    user_id
), purchase_made_180d AS (
  /* PURCHASE_MADE, 2026-05-26 to 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'PURCHASE_MADE'
    AND timestamp > CAST('2026-05-26 00:00:00' AS TIMESTAMP)
    AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMP)
  GROUP BY
    user_id
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN purchase_made
  ON purchase_made.user_id = u.user_id
LEFT JOIN purchase_made_180d
  ON purchase_made_180d.user_id = u.user_id
WHERE
  purchase_made.first_category = 'Books'
  AND COALESCE(purchase_made_180d.times, 0) = 0
ORDER BY
  u.user_id;

-- Databricks

WITH purchase_made AS (
  /* PURCHASE_MADE, until 2026-11-22 */
  SELECT
    user_id,
    MIN(CASE WHEN timestamp = first_time THEN category END) AS first_category
  FROM (
    SELECT
      user_id,
      timestamp,
      category,
      MIN(timestamp) OVER (PARTITION BY user_id) AS first_time
    FROM user_events
    WHERE
      event_name = 'PURCHASE_MADE'
      AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMP)
  ) AS found
  GROUP BY
    user_id
), purchase_made_180d AS (
  /* PURCHASE_MADE, 2026-05-26 to 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'PURCHASE_MADE'
    AND timestamp > CAST('2026-05-26 00:00:00' AS TIMESTAMP)
    AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMP)
  GROUP BY
    user_id
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN purchase_made
  ON purchase_made.user_id = u.user_id
LEFT JOIN purchase_made_180d
  ON purchase_made_180d.user_id = u.user_id
WHERE
  purchase_made.first_category = 'Books'
  AND COALESCE(purchase_made_180d.times, 0) = 0
ORDER BY
  u.user_id;

-- Snowflake

WITH purchase_made AS (
  /* PURCHASE_MADE, until 2026-11-22 */
  SELECT
    user_id,
    MIN(CASE WHEN timestamp = first_time THEN category END) AS first_category
  FROM (
    SELECT
      user_id,
      timestamp,
      category,
      MIN(timestamp) OVER (PARTITION BY user_id) AS first_time
    FROM user_events
    WHERE
      event_name = 'PURCHASE_MADE'
      AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMPNTZ)
  ) AS found
  GROUP BY
    user_id
), purchase_made_180d AS (
  /* PURCHASE_MADE, 2026-05-26 to 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'PURCHASE_MADE'
    AND timestamp > CAST('2026-05-26 00:00:00' AS TIMESTAMPNTZ)
    AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMPNTZ)
  GROUP BY
    user_id
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN purchase_made
  ON purchase_made.user_id = u.user_id
LEFT JOIN purchase_made_180d
  ON purchase_made_180d.user_id = u.user_id
WHERE
  purchase_made.first_category = 'Books'
  AND COALESCE(purchase_made_180d.times, 0) = 0
ORDER BY
  u.user_id;

-- BigQuery

WITH purchase_made AS (
  /* PURCHASE_MADE, until 2026-11-22 */
  SELECT
    user_id,
    MIN(CASE WHEN timestamp = first_time THEN category END) AS first_category
  FROM (
    SELECT
      user_id,
      timestamp,
      category,
      MIN(timestamp) OVER (PARTITION BY user_id) AS first_time
    FROM user_events
    WHERE
      event_name = 'PURCHASE_MADE'
      AND timestamp <= CAST('2026-11-22 00:00:00' AS DATETIME)
  ) AS found
  GROUP BY
    user_id
), purchase_made_180d AS (
  /* PURCHASE_MADE, 2026-05-26 to 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'PURCHASE_MADE'
    AND timestamp > CAST('2026-05-26 00:00:00' AS DATETIME)
    AND timestamp <= CAST('2026-11-22 00:00:00' AS DATETIME)
  GROUP BY
    user_id
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN purchase_made
  ON purchase_made.user_id = u.user_id
LEFT JOIN purchase_made_180d
  ON purchase_made_180d.user_id = u.user_id
WHERE
  purchase_made.first_category = 'Books'
  AND COALESCE(purchase_made_180d.times, 0) = 0
ORDER BY
  u.user_id;

-- Trino

WITH purchase_made AS (
  /* PURCHASE_MADE, until 2026-11-22 */
  SELECT
    user_id,
    MIN(CASE WHEN timestamp = first_time THEN category END) AS first_category
  FROM (
    SELECT
      user_id,
      timestamp,
      category,
      MIN(timestamp) OVER (PARTITION BY user_id) AS first_time
    FROM user_events
    WHERE
      event_name = 'PURCHASE_MADE'
      AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMP(6))
  ) AS found
  GROUP BY
    user_id
), purchase_made_180d AS (
  /* PURCHASE_MADE, 2026-05-26 to 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'PURCHASE_MADE'
    AND timestamp > CAST('2026-05-26 00:00:00' AS TIMESTAMP(6))
    AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMP(6))
  GROUP BY
    user_id
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN purchase_made
  ON purchase_made.user_id = u.user_id
LEFT JOIN purchase_made_180d
  ON purchase_made_180d.user_id = u.user_id
WHERE
  purchase_made.first_category = 'Books'
  AND COALESCE(purchase_made_180d.times, 0) = 0
ORDER BY
  u.user_id;

-- Redshift

WITH purchase_made AS (
  /* PURCHASE_MADE, until 2026-11-22 */
  SELECT
    user_id,
    MIN(CASE WHEN "timestamp" = first_time THEN category END) AS first_category
  FROM (
    SELECT
      user_id,
      "timestamp",
      category,
      MIN("timestamp") OVER (PARTITION BY user_id) AS first_time
    FROM user_events
    WHERE
      event_name = 'PURCHASE_MADE'
      AND "timestamp" <= CAST('2026-11-22 00:00:00' AS TIMESTAMP)
  ) AS found
  GROUP BY
    user_id
), purchase_made_180d AS (
  /* PURCHASE_MADE, 2026-05-26 to 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'PURCHASE_MADE'
    AND "timestamp" > CAST('2026-05-26 00:00:00' AS TIMESTAMP)
    AND "timestamp" <= CAST('2026-11-22 00:00:00' AS TIMESTAMP)
  GROUP BY
    user_id
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN purchase_made
  ON purchase_made.user_id = u.user_id
LEFT JOIN purchase_made_180d
  ON purchase_made_180d.user_id = u.user_id
WHERE
  purchase_made.first_category = 'Books'
  AND COALESCE(purchase_made_180d.times, 0) = 0
ORDER BY
  u.user_id;
