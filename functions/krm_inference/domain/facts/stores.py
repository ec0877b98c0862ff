"""Stores of weights: what mounts each of them, and on which platforms that is there.

Sources: GKE, "Mount Cloud Storage buckets as CSI ephemeral volumes" (cloud-storage-fuse-csi-driver-ephemeral, 2026) and
GoogleCloudPlatform/gcs-fuse-csi-driver 00002858, docs/usage.md; EKS, "Access Amazon S3 objects with Mountpoint for
Amazon S3 CSI driver" (s3-csi, 2026), by which volumes are static only, and awslabs/mountpoint-s3-csi-driver 39d25e3f,
examples/kubernetes/static_provisioning. Image volumes: kubernetes/kubernetes v1.37.2, pkg/features/kube_features.go
(ImageVolume: off by default in 1.33, on from 1.35, always on from 1.36).
"""

from __future__ import annotations

from krm_inference.domain.record import Record


class Store(Record):
    """What a scheme of `spec.weights.uri` names; `platforms` are those that mount it, all where it is empty."""

    title: str
    driver: str = ""
    platforms: tuple[str, ...] = ()


STORES: dict[str, Store] = {
    "pvc": Store("a PersistentVolumeClaim"),
    "gs": Store("the Cloud Storage FUSE CSI driver", "gcsfuse.csi.storage.gke.io", ("gke-standard", "gke-autopilot")),
    "s3": Store("the Mountpoint for Amazon S3 CSI driver", "s3.csi.aws.com", ("eks",)),
    "oci": Store("an image volume"),
}
# On a Pod, so that the sidecar that mounts the bucket is put into it.
GCSFUSE_ANNOTATION = "gke-gcsfuse/volumes"
# Which Kubernetes mounts images without a feature gate.
IMAGES_FROM = "1.35"
# Of the Secrets Store CSI driver, and of GKE's own build of it (GKE, "Use Secret Manager add-on", 2026).
SECRET_DRIVER, GKE_SECRET_DRIVER = "secrets-store.csi.k8s.io", "secrets-store-gke.csi.k8s.io"
