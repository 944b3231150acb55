-- Who are the five percent of buyers that spent the most?
-- Users whose total amount of PURCHASE_MADE is in the top 5 % of all users who did it, as of 2026-11-22T00:00:00Z.

-- DuckDB

WITH purchase_made AS MATERIALIZED (
  /* PURCHASE_MADE, until 2026-11-22 */
  SELECT
    user_id,
    SUM(amount) AS sum_amount
  FROM user_events
  WHERE
    event_name = 'PURCHASE_MADE'
    AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMP)
  GROUP BY
    user_id
), top_purchase_made_sum AS MATERIALIZED (
  /* all users by total amount of PURCHASE_MADE, the largest first */
  SELECT
    u.user_id AS user_id,
    RANK() OVER (ORDER BY COALESCE(purchase_made.sum_amount, 0) DESC) AS place,
    COUNT(*) OVER () AS ranked
  FROM user_attributes AS u
  JOIN purchase_made
    ON purchase_made.user_id = u.user_id
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN top_purchase_made_sum
  ON top_purchase_made_sum.user_id = u.user_id
WHERE
  (
    top_purchase_made_sum.place - 1
  ) * 100 < 5 * top_purchase_made_sum.ranked
ORDER BY
  u.user_id;

-- PostgreSQL

WITH purchase_made AS (
  /* PURCHASE_MADE, until 2026-11-22 */
  SELECT
    user_id,
    SUM(amount) AS sum_amount
  FROM user_events
  WHERE
    event_name = 'PURCHASE_MADE'
    AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMP)
  GROUP BY
    user_id
), top_purchase_made_sum AS (
  /* all users by total amount of PURCHASE_MADE, the largest first */
  SELECT
    u.user_id AS user_id,
    RANK() OVER (
      ORDER BY COALESCE(purchase_made.sum_amount, 0) DESC NULLS LAST
    ) AS place,
    COUNT(*) OVER () AS ranked
  FROM user_attributes AS u
  JOIN purchase_made
    ON purchase_made.user_id = u.user_id
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN top_purchase_made_sum
  ON top_purchase_made_sum.user_id = u.user_id
WHERE
  (
    top_purchase_made_sum.place - 1
  ) * 100 < 5 * top_purchase_made_sum.ranked
ORDER BY
  u.user_id;

-- ClickHouse

WITH purchase_made AS (
  /* PURCHASE_MADE, until 2026-11-22 */
  SELECT
    user_id,
    SUM(amount) AS sum_amount
  FROM user_events
  WHERE
    event_name = 'PURCHASE_MADE'
    AND timestamp <= toDateTime64('2026-11-22 00:00:00', 6, 'UTC')
  GROUP BY
    user_id
), top_purchase_made_sum AS (
  /* all users by total amount of PURCHASE_MADE, the largest first */
  SELECT
    u.user_id AS user_id,
    RANK() OVER (ORDER BY COALESCE(purchase_made.sum_amount, 0) DESC) AS place,
    COUNT(*) OVER () AS ranked
  FROM user_attributes AS u
  JOIN purchase_made
    ON purchase_made.user_id = u.user_id
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN top_purchase_made_sum
  ON top_purchase_made_sum.user_id = u.user_id
WHERE
  (
    top_purchase_made_sum.place - 1
  ) * 100 < 5 * top_purchase_made_sum.ranked
ORDER BY
  u.user_id
SETTINGS join_use_nulls = 1, aggregate_functions_null_for_empty = 1;

-- Spark

WITH purchase_made AS (
  /* PURCHASE_MADE, until 2026-11-22 */
  SELECT
    user_id,
    SUM(amount) AS sum_amount
  FROM user_events
  WHERE
    event_name = 'PURCHASE_MADE'
    AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMP)
  GROUP BY
    user_id
), top_purchase_made_sum AS (
  /* all users by total amount of PURCHASE_MADE, the largest first */
  SELECT
    u.user_id AS user_id,
    RANK() OVER (ORDER BY COALESCE(purchase_made.sum_amount, 0) DESC) AS place,
    COUNT(*) OVER () AS ranked
  FROM user_attributes AS u
  JOIN purchase_made
    ON purchase_made.user_id = u.user_id
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN top_purchase_made_sum
  ON top_purchase_made_sum.user_id = u.user_id
WHERE
  (
    top_purchase_made_sum.place - 1
  ) * 100 < 5 * top_purchase_made_sum.ranked
ORDER BY
  u.user_id;

-- Databricks

WITH purchase_made AS (
  /* PURCHASE_MADE, until 2026-11-22 */
  SELECT
    user_id,
    SUM(amount) AS sum_amount
  FROM user_events
  WHERE
    event_name = 'PURCHASE_MADE'
    AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMP)
  GROUP BY
    user_id
), top_purchase_made_sum AS (
  /* all users by total amount of PURCHASE_MADE, the largest first */
  SELECT
    u.user_id AS user_id,
    RANK() OVER (ORDER BY COALESCE(purchase_made.sum_amount, 0) DESC) AS place,
    COUNT(*) OVER () AS ranked
  FROM user_attributes AS u
  JOIN purchase_made
    ON purchase_made.user_id = u.user_id
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN top_purchase_made_sum
  ON top_purchase_made_sum.user_id = u.user_id
WHERE
  (
    top_purchase_made_sum.place - 1
  ) * 100 < 5 * top_purchase_made_sum.ranked
ORDER BY
  u.user_id;

-- Snowflake

WITH purchase_made AS (
  /* PURCHASE_MADE, until 2026-11-22 */
  SELECT
    user_id,
    SUM(amount) AS sum_amount
  FROM user_events
  WHERE
    event_name = 'PURCHASE_MADE'
    AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMPNTZ)
  GROUP BY
    user_id
), top_purchase_made_sum AS (
  /* all users by total amount of PURCHASE_MADE, the largest first */
  SELECT
    u.user_id AS user_id,
    RANK() OVER (
      ORDER BY COALESCE(purchase_made.sum_amount, 0) DESC NULLS LAST
    ) AS place,
    COUNT(*) OVER () AS ranked
  FROM user_attributes AS u
  JOIN purchase_made
    ON purchase_made.user_id = u.user_id
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN top_purchase_made_sum
  ON top_purchase_made_sum.user_id = u.user_id
WHERE
  (
    top_purchase_made_sum.place - 1
  ) * 100 < 5 * top_purchase_made_sum.ranked
ORDER BY
  u.user_id;

-- BigQuery

WITH purchase_made AS (
  /* PURCHASE_MADE, until 2026-11-22 */
  SELECT
    user_id,
    SUM(amount) AS sum_amount
  FROM user_events
  WHERE
    event_name = 'PURCHASE_MADE'
    AND timestamp <= CAST('2026-11-22 00:00:00' AS DATETIME)
  GROUP BY
    user_id
), top_purchase_made_sum AS (
  /* all users by total amount of PURCHASE_MADE, the largest first */
  SELECT
    u.user_id AS user_id,
    RANK() OVER (ORDER BY COALESCE(purchase_made.sum_amount, 0) DESC) AS place,
    COUNT(*) OVER () AS ranked
  FROM user_attributes AS u
  JOIN purchase_made
    ON purchase_made.user_id = u.user_id
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN top_purchase_made_sum
  ON top_purchase_made_sum.user_id = u.user_id
WHERE
  (
    top_purchase_made_sum.place - 1
  ) * 100 < 5 * top_purchase_made_sum.ranked
ORDER BY
  u.user_id;

-- Trino

WITH purchase_made AS (
  /* PURCHASE_MADE, until 2026-11-22 */
  SELECT
    user_id,
    SUM(amount) AS sum_amount
  FROM user_events
  WHERE
    event_name = 'PURCHASE_MADE'
    AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMP(6))
  GROUP BY
    user_id
), top_purchase_made_sum AS (
  /* all users by total amount of PURCHASE_MADE, the largest first */
  SELECT
    u.user_id AS user_id,
    RANK() OVER (ORDER BY COALESCE(purchase_made.sum_amount, 0) DESC) AS place,
    COUNT(*) OVER () AS ranked
  FROM user_attributes AS u
  JOIN purchase_made
    ON purchase_made.user_id = u.user_id
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN top_purchase_made_sum
  ON top_purchase_made_sum.user_id = u.user_id
WHERE
  (
    top_purchase_made_sum.place - 1
  ) * 100 < 5 * top_purchase_made_sum.ranked
ORDER BY
  u.user_id;

-- Redshift

WITH purchase_made AS (
  /* PURCHASE_MADE, until 2026-11-22 */
  SELECT
    user_id,
    SUM(amount) AS sum_amount
  FROM user_events
  WHERE
    event_name = 'PURCHASE_MADE'
    AND "timestamp" <= CAST('2026-11-22 00:00:00' AS TIMESTAMP)
  GROUP BY
    user_id
), top_purchase_made_sum AS (
  /* all users by total amount of PURCHASE_MADE, the largest first */
  SELECT
    u.user_id AS user_id,
    RANK() OVER (
      ORDER BY COALESCE(purchase_made.sum_amount, 0) DESC NULLS LAST
    ) AS place,
    COUNT(*) OVER () AS ranked
  FROM user_attributes AS u
  JOIN purchase_made
    ON purchase_made.user_id = u.user_id
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN top_purchase_made_sum
  ON top_purchase_made_sum.user_id = u.user_id
WHERE
  (
    top_purchase_made_sum.place - 1
  ) * 100 < 5 * top_purchase_made_sum.ranked
ORDER BY
  u.user_id;
