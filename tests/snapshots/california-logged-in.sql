-- Which users in California have logged in at least once?
-- Users whose location is “California” and who did LOGIN at least once, as of 2026-11-22T00:00:00Z.

-- DuckDB

WITH login AS (
  /* LOGIN, until 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'LOGIN'
    AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMP)
  GROUP BY
    user_id
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN login
  ON login.user_id = u.user_id
WHERE
  u.location = 'California' AND COALESCE(login.times, 0) >= 1
ORDER BY
  u.user_id;

-- PostgreSQL

WITH login AS (
  /* LOGIN, until 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'LOGIN'
    AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMP)
  GROUP BY
    user_id
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN login
  ON login.user_id = u.user_id
WHERE
  u.location = 'California' AND COALESCE(login.times, 0) >= 1
ORDER BY
  u.user_id;

-- ClickHouse

WITH login AS (
  /* LOGIN, until 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'LOGIN'
    AND timestamp <= toDateTime64('2026-11-22 00:00:00', 6, 'UTC')
  GROUP BY
    user_id
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN login
  ON login.user_id = u.user_id
WHERE
  u.location = 'California' AND COALESCE(login.times, 0) >= 1
ORDER BY
  u.user_id
SETTINGS join_use_nulls = 1;

-- Spark

WITH login AS (
  /* LOGIN, until 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'LOGIN'
    AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMP)
  GROUP BY
    user_id
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN login
  ON login.user_id = u.user_id
WHERE
  u.location = 'California' AND COALESCE(login.times, 0) >= 1
ORDER BY
  u.user_id;

-- Databricks

WITH login AS (
  /* LOGIN, until 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'LOGIN'
    AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMP)
  GROUP BY
    user_id
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN login
  ON login.user_id = u.user_id
WHERE
  u.location = 'California' AND COALESCE(login.times, 0) >= 1
ORDER BY
  u.user_id;

-- Snowflake

WITH login AS (
  /* LOGIN, until 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'LOGIN'
    AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMPNTZ)
  GROUP BY
    user_id
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN login
  ON login.user_id = u.user_id
WHERE
  u.location = 'California' AND COALESCE(login.times, 0) >= 1
ORDER BY
  u.user_id;

-- BigQuery

WITH login AS (
  /* LOGIN, until 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'LOGIN'
    AND timestamp <= CAST('2026-11-22 00:00:00' AS DATETIME)
  GROUP BY
    user_id
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN login
  ON login.user_id = u.user_id
WHERE
  u.location = 'California' AND COALESCE(login.times, 0) >= 1
ORDER BY
  u.user_id;

-- Trino

WITH login AS (
  /* LOGIN, until 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'LOGIN'
    AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMP(6))
  GROUP BY
    user_id
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN login
  ON login.user_id = u.user_id
WHERE
  u.location = 'California' AND COALESCE(login.times, 0) >= 1
ORDER BY
  u.user_id;

-- Redshift

WITH login AS (
  /* LOGIN, until 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'LOGIN'
    AND "timestamp" <= CAST('2026-11-22 00:00:00' AS TIMESTAMP)
  GROUP BY
    user_id
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN login
  ON login.user_id = u.user_id
WHERE
  u.location = 'California' AND COALESCE(login.times, 0) >= 1
ORDER BY
  u.user_id;
