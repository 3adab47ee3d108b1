# syntax=docker/dockerfile:1
# Two stages: a virtual environment is built in the first and copied into a slim second, which runs as nobody special.
# The sample corpus is not in the image; mount your documents and the index volume:
#   docker build -t ragchat .
#   docker run --rm -v "$PWD/docs:/docs:ro" -v ragchat-indexes:/data/indexes ragchat ingest /docs
#   docker run -p 8000:8000 -v ragchat-indexes:/data/indexes ragchat
# It needs no rights and writes nowhere but into the volume and /tmp:
#   docker run --read-only --tmpfs /tmp --cap-drop ALL --security-opt no-new-privileges …

FROM python:3.12-slim AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /src
COPY pyproject.toml constraints.txt README.md LICENSE NOTICE ./
COPY ragchat ragchat
COPY ingest ingest
RUN python -m venv /opt/ragchat && /opt/ragchat/bin/pip install --constraint constraints.txt .

FROM python:3.12-slim
RUN useradd --no-create-home --home-dir /data --shell /usr/sbin/nologin --uid 10001 ragchat && install -d -o ragchat -g ragchat /data /data/indexes
COPY --from=build /opt/ragchat /opt/ragchat
ENV PATH=/opt/ragchat/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    RAGCHAT_INDEX_DIR=/data/indexes \
    RAGCHAT_HOST=0.0.0.0 \
    RAGCHAT_PORT=8000
USER 10001:10001
WORKDIR /data
VOLUME /data/indexes
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=3s --start-period=10s \
    CMD ["python", "-c", "import os, urllib.request as u; u.urlopen(f'http://127.0.0.1:{os.environ[\"RAGCHAT_PORT\"]}/healthz', timeout=2)"]
ENTRYPOINT ["ragchat"]
CMD ["serve"]
