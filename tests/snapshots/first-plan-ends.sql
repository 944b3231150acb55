-- Whose first plan, begun on the day they signed up, ends within the next 90 days?
-- Users whose plan started is signup date and whose plan ends is in the next 90 days, as of 2026-11-22T00:00:00Z.

-- DuckDB

SELECT
  u.user_id AS user_id
FROM user_attributes AS u
WHERE
  u.plan_started = u.signup_date
  AND (
    u.plan_ends > CAST('2026-11-22' AS DATE)
    AND u.plan_ends <= CAST('2027-02-20' AS DATE)
  )
ORDER BY
  u.user_id;

-- PostgreSQL

SELECT
  u.user_id AS user_id
FROM user_attributes AS u
WHERE
  u.plan_started = u.signup_date
  AND (
    u.plan_ends > CAST('2026-11-22' AS DATE)
    AND u.plan_ends <= CAST('2027-02-20' AS DATE)
  )
ORDER BY
  u.user_id;

-- ClickHouse

SELECT
  u.user_id AS user_id
FROM user_attributes AS u
WHERE
  u.plan_started = u.signup_date
  AND (
    u.plan_ends > toDate32('2026-11-22')
    AND u.plan_ends <= toDate32('2027-02-20')
  )
ORDER BY
  u.user_id;

-- Spark

SELECT
  u.user_id AS user_id
FROM user_attributes AS u
WHERE
  u.plan_started = u.signup_date
  AND (
    u.plan_ends > CAST('2026-11-22' AS DATE)
    AND u.plan_ends <= CAST('2027-02-20' AS DATE)
  )
ORDER BY
  u.user_id;

-- Databricks

SELECT
  u.user_id AS user_id
FROM user_attributes AS u
WHERE
  u.plan_started = u.signup_date
  AND (
    u.plan_ends > CAST('2026-11-22' AS DATE)
    AND u.plan_ends <= CAST('2027-02-20' AS DATE)
  )
ORDER BY
  u.user_id;

-- Snowflake

SELECT
  u.user_id AS user_id
FROM user_attributes AS u
WHERE
  u.plan_started = u.signup_date
  AND (
    u.plan_ends > CAST('2026-11-22' AS DATE)
    AND u.plan_ends <= CAST('2027-02-20' AS DATE)
  )
ORDER BY
  u.user_id;

-- BigQuery

SELECT
  u.user_id AS user_id
FROM user_attributes AS u
WHERE
  u.plan_started = u.signup_date
  AND (
    u.plan_ends > CAST('2026-11-22' AS DATE)
    AND u.plan_ends <= CAST('2027-02-20' AS DATE)
  )
ORDER BY
  u.user_id;

-- Trino

SELECT
  u.user_id AS user_id
FROM user_attributes AS u
WHERE
  u.plan_started = u.signup_date
  AND (
    u.plan_ends > CAST('2026-11-22' AS DATE)
    AND u.plan_ends <= CAST('2027-02-20' AS DATE)
  )
ORDER BY
  u.user_id;

-- Redshift

SELECT
  u.user_id AS user_id
FROM user_attributes AS u
WHERE
  u.plan_started = u.signup_date
  AND (
    u.plan_ends > CAST('2026-11-22' AS DATE)
    AND u.plan_ends <= CAST('2027-02-20' AS DATE)
  )
ORDER BY
  u.user_id;
