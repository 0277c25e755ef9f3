# syntax=docker/dockerfile:1

# The build runs on the machine's own architecture and compiles for the target's, so
# that an image for another one needs no emulation.
FROM --platform=${BUILDPLATFORM} golang:1.26 AS build
ARG TARGETOS=linux
ARG TARGETARCH
ARG VERSION=v0.0.0
WORKDIR /src

# Requirements change less often than code: a layer of their own.
COPY go.mod go.sum ./
RUN go mod download

COPY api/ api/
COPY cmd/ cmd/
COPY controllers/ controllers/
COPY internal/ internal/
RUN CGO_ENABLED=0 GOOS=${TARGETOS} GOARCH=${TARGETARCH} \
    go build -trimpath -ldflags "-s -w -X main.version=${VERSION}" -o /gemba ./cmd/gemba

# No shell and no package manager; the tag carries the user 65532.
FROM gcr.io/distroless/static:nonroot
LABEL org.opencontainers.image.title="gemba" \
      org.opencontainers.image.description="Continuous process governance on Kubernetes" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=build /gemba /gemba
USER 65532:65532
ENTRYPOINT ["/gemba"]
