# One recipe for every function image. `make images` fills build/image for the Python of BASE_IMAGE, then builds them
# all; no step here needs a network or a shell. Everything but the last layer is the same in each image.
# `make base` writes the digest that the tag has by now, and a release checks it. This one is the newest that public files
# name (builds of 2026-09-28); no registry was asked.
ARG BASE_IMAGE=docker.io/library/python:3.13-slim@sha256:7c61056e61ac89e852de05f3dc6fa51a6dd2181797bceed46aa725dd7cb2cd3b

# Byte code of whatever a run imports, the standard library's share too: slim bases ship none, and the user nobody
# could not keep any, so that every start would compile it again.
FROM ${BASE_IMAGE} AS bytecode
ENV PYTHONPATH=/function/lib PYTHONPYCACHEPREFIX=/function/bytecode PYTHONDONTWRITEBYTECODE=
COPY build/image /function
COPY images/warm.py /warm.py
RUN ["python3", "-B", "/warm.py", "/function"]

FROM ${BASE_IMAGE}
ENV PYTHONPATH=/function/lib PYTHONPYCACHEPREFIX=/function/bytecode PYTHONDONTWRITEBYTECODE=1
COPY --from=bytecode /function/lib /function/lib
COPY --from=bytecode /function/bytecode /function/bytecode
WORKDIR /
USER 65534:65534
# -S and -P: nothing but /function/lib and the standard library is on the path, and no site-packages are looked for.
ENTRYPOINT ["python3", "-S", "-P", "/function/main"]
ARG VERSION
ARG FUNCTION
LABEL org.opencontainers.image.title=${FUNCTION} \
      org.opencontainers.image.description="The KRM function ${FUNCTION} of krm-inference" \
      org.opencontainers.image.version=${VERSION} \
      org.opencontainers.image.licenses=Apache-2.0
COPY build/image/bin/${FUNCTION} /function/main
