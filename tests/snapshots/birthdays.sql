-- Who of the members has their birthday within the next seven days?
-- Users whose birthday has an anniversary in the next 7 days, as of 2026-11-22T00:00:00Z.

-- DuckDB

SELECT
  u.user_id AS user_id
FROM user_attributes AS u
WHERE
  EXTRACT(MONTH FROM u.birthday) * 100 + EXTRACT(DAY FROM u.birthday) BETWEEN 1122 AND 1129
  AND u.birthday < CAST('2026-01-01' AS DATE)
ORDER BY
  u.user_id;

-- PostgreSQL

SELECT
  u.user_id AS user_id
FROM user_attributes AS u
WHERE
  CAST(EXTRACT(MONTH FROM u.birthday) AS BIGINT) * 100 + CAST(EXTRACT(DAY FROM u.birthday) AS BIGINT) BETWEEN 1122 AND 1129
  AND u.birthday < CAST('2026-01-01' AS DATE)
ORDER BY
  u.user_id;

-- ClickHouse

SELECT
  u.user_id AS user_id
FROM user_attributes AS u
WHERE
  EXTRACT(MONTH FROM u.birthday) * 100 + EXTRACT(DAY FROM u.birthday) BETWEEN 1122 AND 1129
  AND u.birthday < toDate32('2026-01-01')
ORDER BY
  u.user_id;

-- Spark

SELECT
  u.user_id AS user_id
FROM user_attributes AS u
WHERE
  EXTRACT(MONTH FROM u.birthday) * 100 + EXTRACT(DAY FROM u.birthday) BETWEEN 1122 AND 1129
  AND u.birthday < CAST('2026-01-01' AS DATE)
ORDER BY
  u.user_id;

-- Databricks

SELECT
  u.user_id AS user_id
FROM user_attributes AS u
WHERE
  EXTRACT(MONTH FROM u.birthday) * 100 + EXTRACT(DAY FROM u.birthday) BETWEEN 1122 AND 1129
  AND u.birthday < CAST('2026-01-01' AS DATE)
ORDER BY
  u.user_id;

-- Snowflake

SELECT
  u.user_id AS user_id
FROM user_attributes AS u
WHERE
  DATE_PART(MONTH, u.birthday) * 100 + DATE_PART(DAY, u.birthday) BETWEEN 1122 AND 1129
  AND u.birthday < CAST('2026-01-01' AS DATE)
ORDER BY
  u.user_id;

-- BigQuery

SELECT
  u.user_id AS user_id
FROM user_attributes AS u
WHERE
  EXTRACT(MONTH FROM u.birthday) * 100 + EXTRACT(DAY FROM u.birthday) BETWEEN 1122 AND 1129
  AND u.birthday < CAST('2026-01-01' AS DATE)
ORDER BY
  u.user_id;

-- Trino

SELECT
  u.user_id AS user_id
FROM user_attributes AS u
WHERE
  EXTRACT(MONTH FROM u.birthday) * 100 + EXTRACT(DAY FROM u.birthday) BETWEEN 1122 AND 1129
  AND u.birthday < CAST('2026-01-01' AS DATE)
ORDER BY
  u.user_id;

-- Redshift

SELECT
  u.user_id AS user_id
FROM user_attributes AS u
WHERE
  EXTRACT(MONTH FROM u.birthday) * 100 + EXTRACT(DAY FROM u.birthday) BETWEEN 1122 AND 1129
  AND u.birthday < CAST('2026-01-01' AS DATE)
ORDER BY
  u.user_id;
