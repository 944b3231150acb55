-- Which users are between 25 and 34 years old?
-- Users whose age is at least 25 and whose age is at most 34, as of 2026-11-22T00:00:00Z.

-- DuckDB

SELECT
  u.user_id AS user_id
FROM user_attributes AS u
WHERE
  u.age >= 25 AND u.age <= 34
ORDER BY
  u.user_id;

-- PostgreSQL

SELECT
  u.user_id AS user_id
FROM user_attributes AS u
WHERE
  u.age >= 25 AND u.age <= 34
ORDER BY
  u.user_id;

-- ClickHouse

SELECT
  u.user_id AS user_id
FROM user_attributes AS u
WHERE
  u.age >= 25 AND u.age <= 34
ORDER BY
  u.user_id;

-- Spark

SELECT
  u.user_id AS user_id
FROM user_attributes AS u
WHERE
  u.age >= 25 AND u.age <= 34
ORDER BY
  u.user_id;

-- Databricks

SELECT
  u.user_id AS user_id
FROM user_attributes AS u
WHERE
  u.age >= 25 AND u.age <= 34
ORDER BY
  u.user_id;

-- Snowflake

SELECT
  u.user_id AS user_id
FROM user_attributes AS u
WHERE
  u.age >= 25 AND u.age <= 34
ORDER BY
  u.user_id;

-- BigQuery

SELECT
  u.user_id AS user_id
FROM user_attributes AS u
WHERE
  u.age >= 25 AND u.age <= 34
ORDER BY
  u.user_id;

-- Trino

SELECT
  u.user_id AS user_id
FROM user_attributes AS u
WHERE
  u.age >= 25 AND u.age <= 34
ORDER BY
  u.user_id;

-- Redshift

SELECT
  u.user_id AS user_id
FROM user_attributes AS u
WHERE
  u.age >= 25 AND u.age <= 34
ORDER BY
  u.user_id;
