# Three stages: the front-end files, the Python environment, and the image that combines them.
# Nothing is downloaded at run time. docker-bake.hcl builds it for two architectures.

# Its files are the same on every architecture, so it runs on that of the builder.
FROM --platform=$BUILDPLATFORM node:24-slim AS front
# Of its packages only files are copied: a bill of materials finds them here alone.
ARG BUILDKIT_SBOM_SCAN_STAGE=true
WORKDIR /build
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund --loglevel=error
COPY scripts/vendor.mjs scripts/
# The letters of the messages get a font file of their own.
COPY app/locale app/locale
RUN node scripts/vendor.mjs

FROM python:3.13-slim AS back
WORKDIR /backstep
COPY requirements.txt ./
# The environment has no pip, because nothing is installed into it later.
RUN python -m venv --without-pip .venv \
 && python -m pip --python .venv/bin/python install --no-cache-dir --disable-pip-version-check --root-user-action=ignore --only-binary=:all: --require-hashes -r requirements.txt
COPY app app
# Compile here: at run time the server cannot write to its own folder.
RUN .venv/bin/python -m babel.messages.frontend compile -d app/locale \
 && .venv/bin/python -m compileall -q app

FROM python:3.13-slim
LABEL org.opencontainers.image.title="Backstep" \
      org.opencontainers.image.description="A visual simulator of backpropagation" \
      org.opencontainers.image.licenses="MIT"
# A numeric user, so that Kubernetes can verify that it is not root.
RUN useradd --uid 10001 --no-create-home --home-dir /data --shell /usr/sbin/nologin backstep \
 && install -d -o 10001 -g 10001 -m 700 /data
WORKDIR /backstep
COPY --from=back /backstep ./
COPY LICENSE ./
COPY templates templates
COPY static static
COPY --from=front /build/static/vendor static/vendor
ENV PATH=/backstep/.venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    HOST=0.0.0.0 \
    PORT=8000 \
    BACKSTEP_LOG_FORMAT=json \
    BACKSTEP_STORE_URL=sqlite:////data/backstep.db
# The database and the secret that signs cookies. Nothing else is written.
VOLUME /data
USER 10001
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s \
  CMD ["python", "-c", "import os, urllib.request; urllib.request.urlopen(f'http://127.0.0.1:{os.environ[\"PORT\"]}/healthz', timeout=4)"]
CMD ["python", "-m", "app"]
