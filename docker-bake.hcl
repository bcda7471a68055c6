# The image for two architectures, with labels, a bill of materials, and how it was built:
#
#     docker buildx bake --file docker-bake.hcl --push
#
# Without --file, compose.yaml would be read as well. Each variable is set in the environment.

variable "IMAGE" {
  default = "backstep" # with the registry to push to, such as registry.example.edu/backstep
}
variable "VERSION" {
  default = "0.1.0"
}
variable "REVISION" {
  default = "" # git rev-parse HEAD
}
variable "CREATED" {
  default = "" # date -u +%Y-%m-%dT%H:%M:%SZ
}
variable "SOURCE" {
  default = "" # address at which the source can be read
}

group "default" {
  targets = ["image"]
}

target "any" {
  context = "."
  tags    = ["${IMAGE}:${VERSION}"]
  # The Dockerfile has the labels that are always the same. One that is null is left out.
  labels = {
    "org.opencontainers.image.version"  = VERSION
    "org.opencontainers.image.revision" = REVISION != "" ? REVISION : null
    "org.opencontainers.image.created"  = CREATED != "" ? CREATED : null
    "org.opencontainers.image.source"   = SOURCE != "" ? SOURCE : null
  }
}

target "image" {
  inherits  = ["any"]
  platforms = ["linux/amd64", "linux/arm64"]
  attest    = ["type=sbom", "type=provenance,mode=max"]
}

# For this machine alone.
target "local" {
  inherits = ["any"]
  output   = ["type=docker"]
}
