-- Who looked at a product in the first week after signing up, then filled a cart and began a checkout within 7 days?
-- Users who did PRODUCT_VIEWED within 7 days from their signup date, then ADDED_TO_CART, then CHECKOUT_STARTED, within 7 days of the first, as of 2026-11-22T00:00:00Z.

-- DuckDB

WITH product_viewed_then_checkout_start_steps AS MATERIALIZED (
  /* PRODUCT_VIEWED within 7 days from their signup date, then ADDED_TO_CART, then CHECKOUT_STARTED, within 7 days of the first, until 2026-11-22: a row per user and moment */
  SELECT
    e.user_id,
    e.timestamp,
    MAX(
      CASE
        WHEN e.event_name = 'PRODUCT_VIEWED'
        AND e.timestamp >= CAST(u.signup_date AS TIMESTAMP)
        AND e.timestamp < CAST(u.signup_date AS TIMESTAMP) + INTERVAL '7' DAY
        THEN e.timestamp
      END
    ) AS step_1,
    MAX(
      CASE WHEN e.event_name = 'ADDED_TO_CART' THEN e.timestamp END
    ) AS step_2,
    MAX(
      CASE
        WHEN e.event_name = 'CHECKOUT_STARTED'
        THEN e.timestamp
      END
    ) AS step_3
  FROM user_events AS e
  JOIN user_attributes AS u
    ON u.user_id = e.user_id
  WHERE
    e.event_name IN ('PRODUCT_VIEWED', 'ADDED_TO_CART', 'CHECKOUT_STARTED')
    AND e.timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMP)
  GROUP BY
    e.user_id,
    e.timestamp
), product_viewed_then_checkout_start_to_3 AS MATERIALIZED (
  /* the way to step 3 */
  SELECT
    user_id,
    timestamp,
    step_1,
    step_3,
    CASE
      WHEN NOT step_3 IS NULL
      THEN MAX(step_2) OVER (
        PARTITION BY user_id
        ORDER BY timestamp
        ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
      )
    END AS reached
  FROM product_viewed_then_checkout_start_steps
), product_viewed_then_checkout_start AS MATERIALIZED (
  SELECT DISTINCT
    user_id
  FROM (
    SELECT
      user_id,
      step_3,
      reached,
      MIN(step_1) OVER (
        PARTITION BY user_id
        ORDER BY timestamp
        RANGE BETWEEN INTERVAL '7' DAY PRECEDING AND CURRENT ROW
      ) AS began
    FROM product_viewed_then_checkout_start_to_3
  ) AS moments
  WHERE
    NOT step_3 IS NULL AND began < reached
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN product_viewed_then_checkout_start
  ON product_viewed_then_checkout_start.user_id = u.user_id
WHERE
  NOT product_viewed_then_checkout_start.user_id IS NULL
ORDER BY
  u.user_id;

-- PostgreSQL

WITH product_viewed_then_checkout_start_steps AS (
  /* PRODUCT_VIEWED within 7 days from their signup date, then ADDED_TO_CART, then CHECKOUT_STARTED, within 7 days of the first, until 2026-11-22: a row per user and moment */
  SELECT
    e.user_id,
    e.timestamp,
    MAX(
      CASE
        WHEN e.event_name = 'PRODUCT_VIEWED'
        AND e.timestamp >= CAST(u.signup_date AS TIMESTAMP)
        AND e.timestamp < CAST(u.signup_date AS TIMESTAMP) + INTERVAL '7 DAY'
        THEN e.timestamp
      END
    ) AS step_1,
    MAX(
      CASE WHEN e.event_name = 'ADDED_TO_CART' THEN e.timestamp END
    ) AS step_2,
    MAX(
      CASE
        WHEN e.event_name = 'CHECKOUT_STARTED'
        THEN e.timestamp
      END
    ) AS step_3
  FROM user_events AS e
  JOIN user_attributes AS u
    ON u.user_id = e.user_id
  WHERE
    e.event_name IN ('PRODUCT_VIEWED', 'ADDED_TO_CART', 'CHECKOUT_STARTED')
    AND e.timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMP)
  GROUP BY
    e.user_id,
    e.timestamp
), product_viewed_then_checkout_start_to_3 AS (
  /* the way to step 3 */
  SELECT
    user_id,
    timestamp,
    step_1,
    step_3,
    CASE
      WHEN NOT step_3 IS NULL
      THEN MAX(step_2) OVER (
        PARTITION BY user_id
        ORDER BY timestamp
        ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
      )
    END AS reached
  FROM product_viewed_then_checkout_start_steps
), product_viewed_then_checkout_start AS (
  SELECT DISTINCT
    user_id
  FROM (
    SELECT
      user_id,
      step_3,
      reached,
      MIN(step_1) OVER (
        PARTITION BY user_id
        ORDER BY timestamp
        RANGE BETWEEN INTERVAL '7 DAY' PRECEDING AND CURRENT ROW
      ) AS began
    FROM product_viewed_then_checkout_start_to_3
  ) AS moments
  WHERE
    NOT step_3 IS NULL AND began < reached
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN product_viewed_then_checkout_start
  ON product_viewed_then_checkout_start.user_id = u.user_id
WHERE
  NOT product_viewed_then_checkout_start.user_id IS NULL
ORDER BY
  u.user_id;

-- ClickHouse

WITH product_viewed_then_checkout_start_steps AS (
  /* PRODUCT_VIEWED within 7 days from their signup date, then ADDED_TO_CART, then CHECKOUT_STARTED, within 7 days of the first, until 2026-11-22: a row per user and moment */
  SELECT
    e.user_id,
    e.timestamp,
    MAX(
      CASE
        WHEN e.event_name = 'PRODUCT_VIEWED'
        AND e.timestamp >= toDateTime64(u.signup_date, 6, 'UTC')
        AND e.timestamp < toDateTime64(u.signup_date, 6, 'UTC') + INTERVAL '7' DAY
        THEN e.timestamp
      END
    ) AS step_1,
    MAX(
      CASE WHEN e.event_name = 'ADDED_TO_CART' THEN e.timestamp END
    ) AS step_2,
    MAX(
      CASE
        WHEN e.event_name = 'CHECKOUT_STARTED'
        THEN e.timestamp
      END
    ) AS step_3
  FROM user_events AS e
  JOIN user_attributes AS u
    ON u.user_id = e.user_id
  WHERE
    e.event_name IN ('PRODUCT_VIEWED', 'ADDED_TO_CART', 'CHECKOUT_STARTED')
    AND e.timestamp <= toDateTime64('2026-11-22 00:00:00', 6, 'UTC')
  GROUP BY
    e.user_id,
    e.timestamp
), product_viewed_then_checkout_start_to_3 AS (
  /* the way to step 3 */
  SELECT
    user_id,
    timestamp,
    step_1,
    step_3,
    CASE
      WHEN NOT (
        step_3 IS NULL
      )
      THEN MAX(step_2) OVER (
        PARTITION BY user_id
        ORDER BY timestamp
        ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
      )
    END AS reached
  FROM product_viewed_then_checkout_start_steps
), product_viewed_then_checkout_start AS (
  SELECT DISTINCT
    user_id
  FROM (
    SELECT
      user_id,
      step_3,
      reached,
      spans.began AS began
    FROM product_viewed_then_checkout_start_to_3
    JOIN (
      SELECT
        here.user_id AS user_id,
        here.timestamp AS timestamp,
        MIN(before.step_1) AS began
      FROM product_viewed_then_checkout_start_to_3 AS here
      JOIN product_viewed_then_checkout_start_to_3 AS before
        ON before.user_id = here.user_id
      WHERE
        before.timestamp BETWEEN here.timestamp - INTERVAL '7' DAY AND here.timestamp
      GROUP BY
        here.user_id,
        here.timestamp
    ) AS spans
      USING (user_id, timestamp)
  ) AS moments
  WHERE
    NOT (
      step_3 IS NULL
    ) AND began < reached
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN product_viewed_then_checkout_start
  ON product_viewed_then_checkout_start.user_id = u.user_id
WHERE
  NOT (
    product_viewed_then_checkout_start.user_id IS NULL
  )
ORDER BY
  u.user_id
SETTINGS join_use_nulls = 1, aggregate_functions_null_for_empty = 1;

-- Spark

WITH product_viewed_then_checkout_start_steps AS (
  /* PRODUCT_VIEWED within 7 days from their signup date, then ADDED_TO_CART, then CHECKOUT_STARTED, within 7 days of the first, until 2026-11-22: a row per user and moment */
  SELECT
    e.user_id,
    e.timestamp,
    MAX(
      CASE
        WHEN e.event_name = 'PRODUCT_VIEWED'
        AND e.timestamp >= CAST(u.signup_date AS TIMESTAMP)
        AND e.timestamp < CAST(u.signup_date AS TIMESTAMP) + INTERVAL '7' DAY
        THEN e.timestamp
      END
    ) AS step_1,
    MAX(
      CASE WHEN e.event_name = 'ADDED_TO_CART' THEN e.timestamp END
    ) AS step_2,
    MAX(
      CASE
        WHEN e.event_name = 'CHECKOUT_STARTED'
        THEN e.timestamp
      END
    ) AS step_3
  FROM user_events AS e
  JOIN user_attributes AS u
    ON u.user_id = e.user_id
  WHERE
    e.event_name IN ('PRODUCT_VIEWED', 'ADDED_TO_CART', 'CHECKOUT_STARTED')
    AND e.timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMP)
  GROUP BY
    e.user_id,
    e.timestamp
), product_viewed_then_checkout_start_to_3 AS (
  /* the way to step 3 */
  SELECT
    user_id,
    timestamp,
    step_1,
    step_3,
    CASE
      WHEN NOT step_3 IS NULL
      THEN MAX(step_2) OVER (
        PARTITION BY user_id
        ORDER BY timestamp NULLS LAST
        ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
      )
    END AS reached
  FROM product_viewed_then_checkout_start_steps
), product_viewed_then_checkout_start AS (
  SELECT DISTINCT
    user_id
  FROM (
    SELECT
      user_id,
      step_3,
      reached,
      MIN(step_1) OVER (
        PARTITION BY user_id
        ORDER BY timestamp NULLS LAST
        RANGE BETWEEN INTERVAL '7' DAY PRECEDING AND CURRENT ROW
      ) AS began
    FROM product_viewed_then_checkout_start_to_3
  ) AS moments
  WHERE
    NOT step_3 IS NULL AND began < reached
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN product_viewed_then_checkout_start
  ON product_viewed_then_checkout_start.user_id = u.user_id
WHERE
  NOT product_viewed_then_checkout_start.user_id IS NULL
ORDER BY
  u.user_id;

-- Databricks

WITH product_viewed_then_checkout_start_steps AS (
  /* PRODUCT_VIEWED within 7 days from their signup date, then ADDED_TO_CART, then CHECKOUT_STARTED, within 7 days of the first, until 2026-11-22: a row per user and moment */
  SELECT
    e.user_id,
    e.timestamp,
    MAX(
      CASE
        WHEN e.event_name = 'PRODUCT_VIEWED'
        AND e.timestamp >= CAST(u.signup_date AS TIMESTAMP)
        AND e.timestamp < CAST(u.signup_date AS TIMESTAMP) + INTERVAL '7' DAY
        THEN e.timestamp
      END
    ) AS step_1,
    MAX(
      CASE WHEN e.event_name = 'ADDED_TO_CART' THEN e.timestamp END
    ) AS step_2,
    MAX(
      CASE
        WHEN e.event_name = 'CHECKOUT_STARTED'
        THEN e.timestamp
      END
    ) AS step_3
  FROM user_events AS e
  JOIN user_attributes AS u
    ON u.user_id = e.user_id
  WHERE
    e.event_name IN ('PRODUCT_VIEWED', 'ADDED_TO_CART', 'CHECKOUT_STARTED')
    AND e.timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMP)
  GROUP BY
    e.user_id,
    e.timestamp
), product_viewed_then_checkout_start_to_3 AS (
  /* the way to step 3 */
  SELECT
    user_id,
    timestamp,
    step_1,
    step_3,
    CASE
      WHEN NOT step_3 IS NULL
      THEN MAX(step_2) OVER (
        PARTITION BY user_id
        ORDER BY timestamp NULLS LAST
        ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
      )
    END AS reached
  FROM product_viewed_then_checkout_start_steps
), product_viewed_then_checkout_start AS (
  SELECT DISTINCT
    user_id
  FROM (
    SELECT
      user_id,
      step_3,
      reached,
      MIN(step_1) OVER (
        PARTITION BY user_id
        ORDER BY timestamp NULLS LAST
        RANGE BETWEEN INTERVAL '7' DAY PRECEDING AND CURRENT ROW
      ) AS began
    FROM product_viewed_then_checkout_start_to_3
  ) AS moments
  WHERE
    NOT step_3 IS NULL AND began < reached
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN product_viewed_then_checkout_start
  ON product_viewed_then_checkout_start.user_id = u.user_id
WHERE
  NOT product_viewed_then_checkout_start.user_id IS NULL
ORDER BY
  u.user_id;

-- Snowflake

WITH product_viewed_then_checkout_start_steps AS (
  /* PRODUCT_VIEWED within 7 days from their signup date, then ADDED_TO_CART, then CHECKOUT_STARTED, within 7 days of the first, until 2026-11-22: a row per user and moment */
  SELECT
    e.user_id,
    e.timestamp,
    MAX(
      CASE
        WHEN e.event_name = 'PRODUCT_VIEWED'
        AND e.timestamp >= CAST(u.signup_date AS TIMESTAMPNTZ)
        AND e.timestamp < CAST(u.signup_date AS TIMESTAMPNTZ) + INTERVAL '7 DAY'
        THEN e.timestamp
      END
    ) AS step_1,
    MAX(
      CASE WHEN e.event_name = 'ADDED_TO_CART' THEN e.timestamp END
    ) AS step_2,
    MAX(
      CASE
        WHEN e.event_name = 'CHECKOUT_STARTED'
        THEN e.timestamp
      END
    ) AS step_3
  FROM user_events AS e
  JOIN user_attributes AS u
    ON u.user_id = e.user_id
  WHERE
    e.event_name IN ('PRODUCT_VIEWED', 'ADDED_TO_CART', 'CHECKOUT_STARTED')
    AND e.timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMPNTZ)
  GROUP BY
    e.user_id,
    e.timestamp
), product_viewed_then_checkout_start_to_3 AS (
  /* the way to step 3 */
  SELECT
    user_id,
    timestamp,
    step_1,
    step_3,
    CASE
      WHEN NOT step_3 IS NULL
      THEN MAX(step_2) OVER (
        PARTITION BY user_id
        ORDER BY timestamp
        ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
      )
    END AS reached
  FROM product_viewed_then_checkout_start_steps
), product_viewed_then_checkout_start AS (
  SELECT DISTINCT
    user_id
  FROM (
    SELECT
      user_id,
      step_3,
      reached,
      MIN(step_1) OVER (
        PARTITION BY user_id
        ORDER BY timestamp
        RANGE BETWEEN INTERVAL '7 DAY' PRECEDING AND CURRENT ROW
      ) AS began
    FROM product_viewed_then_checkout_start_to_3
  ) AS moments
  WHERE
    NOT step_3 IS NULL AND began < reached
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN product_viewed_then_checkout_start
  ON product_viewed_then_checkout_start.user_id = u.user_id
WHERE
  NOT product_viewed_then_checkout_start.user_id IS NULL
ORDER BY
  u.user_id;

-- BigQuery

WITH product_viewed_then_checkout_start_steps AS (
  /* PRODUCT_VIEWED within 7 days from their signup date, then ADDED_TO_CART, then CHECKOUT_STARTED, within 7 days of the first, until 2026-11-22: a row per user and moment */
  SELECT
    e.user_id,
    e.timestamp,
    MAX(
      CASE
        WHEN e.event_name = 'PRODUCT_VIEWED'
        AND e.timestamp >= CAST(u.signup_date AS DATETIME)
        AND e.timestamp < CAST(u.signup_date AS DATETIME) + INTERVAL 7 DAY
        THEN e.timestamp
      END
    ) AS step_1,
    MAX(
      CASE WHEN e.event_name = 'ADDED_TO_CART' THEN e.timestamp END
    ) AS step_2,
    MAX(
      CASE
        WHEN e.event_name = 'CHECKOUT_STARTED'
        THEN e.timestamp
      END
    ) AS step_3
  FROM user_events AS e
  JOIN user_attributes AS u
    ON u.user_id = e.user_id
  WHERE
    e.event_name IN ('PRODUCT_VIEWED', 'ADDED_TO_CART', 'CHECKOUT_STARTED')
    AND e.timestamp <= CAST('2026-11-22 00:00:00' AS DATETIME)
  GROUP BY
    e.user_id,
    e.timestamp
), product_viewed_then_checkout_start_to_3 AS (
  /* the way to step 3 */
  SELECT
    user_id,
    timestamp,
    step_1,
    step_3,
    CASE
      WHEN NOT step_3 IS NULL
      THEN MAX(step_2) OVER (
        PARTITION BY user_id
        ORDER BY timestamp
        ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
      )
    END AS reached
  FROM product_viewed_then_checkout_start_steps
), product_viewed_then_checkout_start AS (
  SELECT DISTINCT
    user_id
  FROM (
    SELECT
      user_id,
      step_3,
      reached,
      MIN(step_1) OVER (
        PARTITION BY user_id
        ORDER BY UNIX_MICROS(TIMESTAMP(timestamp))
        RANGE BETWEEN 604800000000 PRECEDING AND CURRENT ROW
      ) AS began
    FROM product_viewed_then_checkout_start_to_3
  ) AS moments
  WHERE
    NOT step_3 IS NULL AND began < reached
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN product_viewed_then_checkout_start
  ON product_viewed_then_checkout_start.user_id = u.user_id
WHERE
  NOT product_viewed_then_checkout_start.user_id IS NULL
ORDER BY
  u.user_id;

-- Trino

WITH product_viewed_then_checkout_start_steps AS (
  /* PRODUCT_VIEWED within 7 days from their signup date, then ADDED_TO_CART, then CHECKOUT_STARTED, within 7 days of the first, until 2026-11-22: a row per user and moment */
  SELECT
    e.user_id,
    e.timestamp,
    MAX(
      CASE
        WHEN e.event_name = 'PRODUCT_VIEWED'
        AND e.timestamp >= CAST(u.signup_date AS TIMESTAMP(6))
        AND e.timestamp < CAST(u.signup_date AS TIMESTAMP(6)) + INTERVAL '7' DAY
        THEN e.timestamp
      END
    ) AS step_1,
    MAX(
      CASE WHEN e.event_name = 'ADDED_TO_CART' THEN e.timestamp END
    ) AS step_2,
    MAX(
      CASE
        WHEN e.event_name = 'CHECKOUT_STARTED'
        THEN e.timestamp
      END
    ) AS step_3
  FROM user_events AS e
  JOIN user_attributes AS u
    ON u.user_id = e.user_id
  WHERE
    e.event_name IN ('PRODUCT_VIEWED', 'ADDED_TO_CART', 'CHECKOUT_STARTED')
    AND e.timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMP(6))
  GROUP BY
    e.user_id,
    e.timestamp
), product_viewed_then_checkout_start_to_3 AS (
  /* the way to step 3 */
  SELECT
    user_id,
    timestamp,
    step_1,
    step_3,
    CASE
      WHEN NOT step_3 IS NULL
      THEN MAX(step_2) OVER (
        PARTITION BY user_id
        ORDER BY timestamp
        ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
      )
    END AS reached
  FROM product_viewed_then_checkout_start_steps
), product_viewed_then_checkout_start AS (
  SELECT DISTINCT
    user_id
  FROM (
    SELECT
      user_id,
      step_3,
      reached,
      MIN(step_1) OVER (
        PARTITION BY user_id
        ORDER BY timestamp
        RANGE BETWEEN INTERVAL '7' DAY PRECEDING AND CURRENT ROW
      ) AS began
    FROM product_viewed_then_checkout_start_to_3
  ) AS moments
  WHERE
    NOT step_3 IS NULL AND began < reached
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN product_viewed_then_checkout_start
  ON product_viewed_then_checkout_start.user_id = u.user_id
WHERE
  NOT product_viewed_then_checkout_start.user_id IS NULL
ORDER BY
  u.user_id;

-- Redshift

WITH product_viewed_then_checkout_start_steps AS (
  /* PRODUCT_VIEWED within 7 days from their signup date, then ADDED_TO_CART, then CHECKOUT_STARTED, within 7 days of the first, until 2026-11-22: a row per user and moment */
  SELECT
    e.user_id,
    e."timestamp",
    MAX(
      CASE
        WHEN e.event_name = 'PRODUCT_VIEWED'
        AND e."timestamp" >= CAST(u.signup_date AS TIMESTAMP)
        AND e."timestamp" < CAST(u.signup_date AS TIMESTAMP) + INTERVAL '7 DAY'
        THEN e."timestamp"
      END
    ) AS step_1,
    MAX(
      CASE WHEN e.event_name = 'ADDED_TO_CART' THEN e."timestamp" END
    ) AS step_2,
    MAX(
      CASE
        WHEN e.event_name = 'CHECKOUT_STARTED'
        THEN e."timestamp"
      END
    ) AS step_3
  FROM user_events AS e
  JOIN user_attributes AS u
    ON u.user_id = e.user_id
  WHERE
    e.event_name IN ('PRODUCT_VIEWED', 'ADDED_TO_CART', 'CHECKOUT_STARTED')
    AND e."timestamp" <= CAST('2026-11-22 00:00:00' AS TIMESTAMP)
  GROUP BY
    e.user_id,
    e."timestamp"
), product_viewed_then_checkout_start_to_3 AS (
  /* the way to step 3 */
  SELECT
    user_id,
    "timestamp",
    step_1,
    step_3,
    CASE
      WHEN NOT step_3 IS NULL
      THEN MAX(step_2) OVER (
        PARTITION BY user_id
        ORDER BY "timestamp"
        ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
      )
    END AS reached
  FROM product_viewed_then_checkout_start_steps
), product_viewed_then_checkout_start AS (
  SELECT DISTINCT
    user_id
  FROM (
    SELECT
      user_id,
      step_3,
      reached,
      spans.began AS began
    FROM product_viewed_then_checkout_start_to_3
    JOIN (
      SELECT
        here.user_id AS user_id,
        here."timestamp" AS "timestamp",
        MIN(before.step_1) AS began
      FROM product_viewed_then_checkout_start_to_3 AS here
      JOIN product_viewed_then_checkout_start_to_3 AS before
        ON before.user_id = here.user_id
      WHERE
        before."timestamp" BETWEEN here."timestamp" - INTERVAL '7 DAY' AND here."timestamp"
      GROUP BY
        here.user_id,
        here."timestamp"
    ) AS spans
      USING (user_id, "timestamp")
  ) AS moments
  WHERE
    NOT step_3 IS NULL AND began < reached
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN product_viewed_then_checkout_start
  ON product_viewed_then_checkout_start.user_id = u.user_id
WHERE
  NOT product_viewed_then_checkout_start.user_id IS NULL
ORDER BY
  u.user_id;
