# syntax=docker/dockerfile:1
# agentv in a container: the Studio as PID 1, non-root, no shell wrapper.
#
#   docker build -t agentv .
#   docker run -e AGENTV_STUDIO_TOKEN=… -p 3117:3117 -v "$PWD:/project" agentv
#
# `docker stop` sends SIGTERM: runs are stopped resumably within 8 s, inside Docker's own 10 s.

FROM swift:6.3-bookworm AS build
WORKDIR /src
COPY scripts/install-packages scripts/install-packages
RUN scripts/install-packages build
COPY . .
RUN swift build -c release --product agentv --static-swift-stdlib \
  && scripts/install /out/usr/local

FROM debian:12-slim
# git and a shell are for the evaluations themselves; curl is the health check.
RUN apt-get update \
  && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
    libevent-core-2.1-7 libevent-extra-2.1-7 libevent-pthreads-2.1-7 libevent-openssl-2.1-7 libsqlite3-0 libcurl4 ca-certificates curl git \
  && rm -rf /var/lib/apt/lists/* \
  && useradd --create-home --uid 1000 agentv \
  && install -d -o agentv -g agentv /project
COPY --from=build /out/usr/local/ /usr/local/
USER agentv
WORKDIR /project
ENV PORT=3117
EXPOSE 3117
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=3s --start-period=5s \
  CMD curl -fsS "http://127.0.0.1:${PORT}/healthz" || exit 1
ENTRYPOINT ["/usr/local/bin/agentv"]
CMD ["studio", "--host", "0.0.0.0", "--stop-grace", "8", "--dir", "/project"]
