# `mien serve` for whoever reaches it with a token: docs/container.md. Nothing is fetched when it runs.
FROM python:3.12-slim AS build
WORKDIR /src
RUN python -m venv /opt/mien
COPY pyproject.toml README.md LICENSE ./
COPY requirements requirements
COPY src src
RUN /opt/mien/bin/pip install --no-cache-dir --disable-pip-version-check -c requirements/dev.txt '.[web]' \
 && /opt/mien/bin/pip uninstall --yes pip

FROM python:3.12-slim
RUN groupadd --gid 10001 mien \
 && useradd --uid 10001 --gid mien --no-create-home --home-dir /tmp --shell /usr/sbin/nologin mien
COPY --from=build /opt/mien /opt/mien
# everything that is written goes below /tmp: the rest may be read-only; ONNX Runtime's telemetry is off
ENV PATH=/opt/mien/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    OMP_WAIT_POLICY=passive \
    ORT_DISABLE_TELEMETRY=1 \
    MIEN_CACHE=/tmp/mien
WORKDIR /tmp
# a number, so that Kubernetes can see that it is not root
USER 10001:10001
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s --retries=3 \
  CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8000/healthz', timeout=4).read()"]
# the token comes from the variable MIEN_TOKEN; without it one is made and told in the log
ENTRYPOINT ["mien"]
CMD ["serve", "--host", "0.0.0.0"]
