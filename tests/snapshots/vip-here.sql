-- Who is tagged as a VIP, and not as one who left?
-- Users whose tags contains any of “vip” and whose tags contains none of “churned”, as of 2026-11-22T00:00:00Z.

-- DuckDB

SELECT
  u.user_id AS user_id
FROM user_attributes AS u
WHERE
  u.tags && ['vip']
  AND NOT COALESCE(u.tags && ['churned'], FALSE)
ORDER BY
  u.user_id;

-- PostgreSQL

SELECT
  u.user_id AS user_id
FROM user_attributes AS u
WHERE
  CAST(u.tags AS TEXT[]) && CAST(ARRAY['vip'] AS TEXT[])
  AND NOT COALESCE(
    CAST(u.tags AS TEXT[]) && CAST(ARRAY['churned'] AS TEXT[]),
    FALSE
  )
ORDER BY
  u.user_id;

-- ClickHouse

SELECT
  u.user_id AS user_id
FROM user_attributes AS u
WHERE
  has(u.tags, 'vip')
  AND NOT COALESCE(has(u.tags, 'churned'), FALSE)
ORDER BY
  u.user_id;

-- Spark

SELECT
  u.user_id AS user_id
FROM user_attributes AS u
WHERE
  ARRAY_CONTAINS(u.tags, 'vip')
  AND NOT COALESCE(ARRAY_CONTAINS(u.tags, 'churned'), FALSE)
ORDER BY
  u.user_id;

-- Databricks

SELECT
  u.user_id AS user_id
FROM user_attributes AS u
WHERE
  ARRAY_CONTAINS(u.tags, 'vip')
  AND NOT COALESCE(ARRAY_CONTAINS(u.tags, 'churned'), FALSE)
ORDER BY
  u.user_id;

-- Snowflake

SELECT
  u.user_id AS user_id
FROM user_attributes AS u
WHERE
  ARRAY_CONTAINS(CAST('vip' AS VARIANT), u.tags)
  AND NOT COALESCE(ARRAY_CONTAINS(CAST('churned' AS VARIANT), u.tags), FALSE)
ORDER BY
  u.user_id;

-- BigQuery

SELECT
  u.user_id AS user_id
FROM user_attributes AS u
WHERE
  EXISTS(
    SELECT
      1
    FROM UNNEST(u.tags) AS _col
    WHERE
      _col = 'vip'
  )
  AND NOT COALESCE(
    EXISTS(
      SELECT
        1
      FROM UNNEST(u.tags) AS _col
      WHERE
        _col = 'churned'
    ),
    FALSE
  )
ORDER BY
  u.user_id;

-- Trino

SELECT
  u.user_id AS user_id
FROM user_attributes AS u
WHERE
  CONTAINS(u.tags, 'vip')
  AND NOT COALESCE(CONTAINS(u.tags, 'churned'), FALSE)
ORDER BY
  u.user_id;

-- Redshift

SELECT
  u.user_id AS user_id
FROM user_attributes AS u
WHERE
  ARRAY_CONTAINS(u.tags, 'vip')
  AND NOT COALESCE(ARRAY_CONTAINS(u.tags, 'churned'), FALSE)
ORDER BY
  u.user_id;
