# One image for web and worker; it runs as a user without rights.
FROM python:3.12-slim AS build
WORKDIR /src
COPY requirements.lock ./
RUN python -m venv /opt/relabel \
 && /opt/relabel/bin/pip install --no-cache-dir --require-hashes -r requirements.lock
COPY pyproject.toml README.md ./
COPY app app
COPY templates templates
COPY static static
COPY migrations migrations
RUN /opt/relabel/bin/pip install --no-cache-dir --no-deps --no-build-isolation .

FROM python:3.12-slim
RUN useradd --system --uid 10001 --home-dir /data --shell /usr/sbin/nologin relabel \
 && install --directory --owner relabel --group relabel --mode 0700 /data
COPY --from=build /opt/relabel /opt/relabel
ENV PATH=/opt/relabel/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    RELABEL_DATA=/data
USER relabel
WORKDIR /data
VOLUME /data
EXPOSE 8000
# The container's network is its own: what reaches it from outside is decided by the ports.
CMD ["relabel", "serve", "--host", "0.0.0.0", "--no-worker", "--insecure-http"]
