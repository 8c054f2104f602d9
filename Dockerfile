# The resolver as an image: slim, not root, read-only but for /data. docs/operations.md says how to build and run it;
# scripts/image_steps.py carries out the same steps where no image can be built.

FROM python:3.13-slim-trixie AS build
WORKDIR /source
COPY . .
RUN scripts/install-image /opt/resolver

FROM python:3.13-slim-trixie
COPY --from=build /opt/resolver /opt/resolver
RUN useradd --system --uid 10001 --home-dir /data --no-create-home resolver \
    && install --directory --owner 10001 --group 10001 --mode 700 /data
ENV PATH=/opt/resolver/bin:$PATH
ENV HOME=/data
ENV PYTHONDONTWRITEBYTECODE=1
ENV PYTHONUNBUFFERED=1
USER 10001
WORKDIR /data
VOLUME /data
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s CMD ["/opt/resolver/bin/python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8080/healthz', timeout=4)"]
ENTRYPOINT ["/opt/resolver/bin/resolver"]
CMD ["serve", "--host", "0.0.0.0", "--port", "8080"]
