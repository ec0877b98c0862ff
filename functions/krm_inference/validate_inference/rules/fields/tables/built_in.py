# Written by `make tables`: change functions/built_in_tables.py, not this file.
"""Fields of Kubernetes' own kinds.

From the OpenAPI of Kubernetes 1.37.0, as kubernetes-validate carries it.
"""

from __future__ import annotations

KINDS = {
    ("v1", "ConfigMap"): "core.v1.ConfigMap",
    ("v1", "Endpoints"): "core.v1.Endpoints",
    ("v1", "LimitRange"): "core.v1.LimitRange",
    ("v1", "Namespace"): "core.v1.Namespace",
    ("v1", "PersistentVolume"): "core.v1.PersistentVolume",
    ("v1", "PersistentVolumeClaim"): "core.v1.PersistentVolumeClaim",
    ("v1", "Pod"): "core.v1.Pod",
    ("v1", "PodTemplate"): "core.v1.PodTemplate",
    ("v1", "ReplicationController"): "core.v1.ReplicationController",
    ("v1", "ResourceQuota"): "core.v1.ResourceQuota",
    ("v1", "Secret"): "core.v1.Secret",
    ("v1", "Service"): "core.v1.Service",
    ("v1", "ServiceAccount"): "core.v1.ServiceAccount",
    ("apps/v1", "DaemonSet"): "apps.v1.DaemonSet",
    ("apps/v1", "Deployment"): "apps.v1.Deployment",
    ("apps/v1", "ReplicaSet"): "apps.v1.ReplicaSet",
    ("apps/v1", "StatefulSet"): "apps.v1.StatefulSet",
    ("autoscaling/v1", "HorizontalPodAutoscaler"): "autoscaling.v1.HorizontalPodAutoscaler",
    ("autoscaling/v2", "HorizontalPodAutoscaler"): "autoscaling.v2.HorizontalPodAutoscaler",
    ("batch/v1", "CronJob"): "batch.v1.CronJob",
    ("batch/v1", "Job"): "batch.v1.Job",
    ("networking.k8s.io/v1", "Ingress"): "networking.v1.Ingress",
    ("networking.k8s.io/v1", "IngressClass"): "networking.v1.IngressClass",
    ("networking.k8s.io/v1", "NetworkPolicy"): "networking.v1.NetworkPolicy",
    ("policy/v1", "PodDisruptionBudget"): "policy.v1.PodDisruptionBudget",
    ("rbac.authorization.k8s.io/v1", "ClusterRole"): "rbac.v1.ClusterRole",
    ("rbac.authorization.k8s.io/v1", "ClusterRoleBinding"): "rbac.v1.ClusterRoleBinding",
    ("rbac.authorization.k8s.io/v1", "Role"): "rbac.v1.Role",
    ("rbac.authorization.k8s.io/v1", "RoleBinding"): "rbac.v1.RoleBinding",
    ("resource.k8s.io/v1", "DeviceClass"): "resource.v1.DeviceClass",
    ("resource.k8s.io/v1", "ResourceClaim"): "resource.v1.ResourceClaim",
    ("resource.k8s.io/v1", "ResourceClaimTemplate"): "resource.v1.ResourceClaimTemplate",
    ("scheduling.k8s.io/v1", "PriorityClass"): "scheduling.v1.PriorityClass",
    ("storage.k8s.io/v1", "StorageClass"): "storage.v1.StorageClass",
}
DEFINITIONS = {
    "apps.v1.DaemonSet": """
metadata meta.v1.ObjectMeta
spec! apps.v1.DaemonSetSpec
""",
    "apps.v1.DaemonSetSpec": """
minReadySeconds int
revisionHistoryLimit int
selector! meta.v1.LabelSelector
template! core.v1.PodTemplateSpec
updateStrategy apps.v1.DaemonSetUpdateStrategy
""",
    "apps.v1.DaemonSetUpdateStrategy": """
rollingUpdate apps.v1.RollingUpdateDaemonSet
type text
""",
    "apps.v1.Deployment": """
metadata meta.v1.ObjectMeta
spec! apps.v1.DeploymentSpec
""",
    "apps.v1.DeploymentSpec": """
minReadySeconds int
paused bool
progressDeadlineSeconds int
replicas int
revisionHistoryLimit int
selector! meta.v1.LabelSelector
strategy apps.v1.DeploymentStrategy
template! core.v1.PodTemplateSpec
""",
    "apps.v1.DeploymentStrategy": """
rollingUpdate apps.v1.RollingUpdateDeployment
type text
""",
    "apps.v1.ReplicaSet": """
metadata meta.v1.ObjectMeta
spec! apps.v1.ReplicaSetSpec
""",
    "apps.v1.ReplicaSetSpec": """
minReadySeconds int
replicas int
selector! meta.v1.LabelSelector
template core.v1.PodTemplateSpec
""",
    "apps.v1.RollingUpdateDaemonSet": """
maxSurge int|text
maxUnavailable int|text
""",
    "apps.v1.RollingUpdateDeployment": """
maxSurge int|text
maxUnavailable int|text
""",
    "apps.v1.RollingUpdateStatefulSetStrategy": """
maxUnavailable int|text
partition int
""",
    "apps.v1.StatefulSet": """
metadata meta.v1.ObjectMeta
spec! apps.v1.StatefulSetSpec
""",
    "apps.v1.StatefulSetOrdinals": """
start int
""",
    "apps.v1.StatefulSetPersistentVolumeClaimRetentionPolicy": """
whenDeleted text
whenScaled text
""",
    "apps.v1.StatefulSetSpec": """
minReadySeconds int
ordinals apps.v1.StatefulSetOrdinals
persistentVolumeClaimRetentionPolicy apps.v1.StatefulSetPersistentVolumeClaimRetentionPolicy
podManagementPolicy text
replicas int
revisionHistoryLimit int
selector! meta.v1.LabelSelector
serviceName text
template! core.v1.PodTemplateSpec
updateStrategy apps.v1.StatefulSetUpdateStrategy
volumeClaimTemplates []core.v1.PersistentVolumeClaim
""",
    "apps.v1.StatefulSetUpdateStrategy": """
rollingUpdate apps.v1.RollingUpdateStatefulSetStrategy
type text
""",
    "autoscaling.v1.CrossVersionObjectReference": """
apiVersion text
kind! text
name! text
""",
    "autoscaling.v1.HorizontalPodAutoscaler": """
metadata meta.v1.ObjectMeta
spec! autoscaling.v1.HorizontalPodAutoscalerSpec
""",
    "autoscaling.v1.HorizontalPodAutoscalerSpec": """
maxReplicas! int
minReplicas int
scaleTargetRef! autoscaling.v1.CrossVersionObjectReference
targetCPUUtilizationPercentage int
""",
    "autoscaling.v2.ContainerResourceMetricSource": """
container! text
name! text
target! autoscaling.v2.MetricTarget
""",
    "autoscaling.v2.CrossVersionObjectReference": """
apiVersion text
kind! text
name! text
""",
    "autoscaling.v2.ExternalMetricSource": """
metric! autoscaling.v2.MetricIdentifier
target! autoscaling.v2.MetricTarget
""",
    "autoscaling.v2.HPAScalingPolicy": """
periodSeconds! int
type! text
value! int
""",
    "autoscaling.v2.HPAScalingRules": """
policies []autoscaling.v2.HPAScalingPolicy
selectPolicy text
stabilizationWindowSeconds int
tolerance quantity
""",
    "autoscaling.v2.HorizontalPodAutoscaler": """
metadata meta.v1.ObjectMeta
spec! autoscaling.v2.HorizontalPodAutoscalerSpec
""",
    "autoscaling.v2.HorizontalPodAutoscalerBehavior": """
scaleDown autoscaling.v2.HPAScalingRules
scaleUp autoscaling.v2.HPAScalingRules
""",
    "autoscaling.v2.HorizontalPodAutoscalerSpec": """
behavior autoscaling.v2.HorizontalPodAutoscalerBehavior
maxReplicas! int
metrics []autoscaling.v2.MetricSpec
minReplicas int
scaleTargetRef! autoscaling.v2.CrossVersionObjectReference
""",
    "autoscaling.v2.MetricIdentifier": """
name! text
selector meta.v1.LabelSelector
""",
    "autoscaling.v2.MetricSpec": """
containerResource autoscaling.v2.ContainerResourceMetricSource
external autoscaling.v2.ExternalMetricSource
object autoscaling.v2.ObjectMetricSource
pods autoscaling.v2.PodsMetricSource
resource autoscaling.v2.ResourceMetricSource
type! text
""",
    "autoscaling.v2.MetricTarget": """
averageUtilization int
averageValue quantity
type! text
value quantity
""",
    "autoscaling.v2.ObjectMetricSource": """
describedObject! autoscaling.v2.CrossVersionObjectReference
metric! autoscaling.v2.MetricIdentifier
target! autoscaling.v2.MetricTarget
""",
    "autoscaling.v2.PodsMetricSource": """
metric! autoscaling.v2.MetricIdentifier
target! autoscaling.v2.MetricTarget
""",
    "autoscaling.v2.ResourceMetricSource": """
name! text
target! autoscaling.v2.MetricTarget
""",
    "batch.v1.CronJob": """
metadata meta.v1.ObjectMeta
spec! batch.v1.CronJobSpec
""",
    "batch.v1.CronJobSpec": """
concurrencyPolicy text
failedJobsHistoryLimit int
jobTemplate! batch.v1.JobTemplateSpec
schedule! text
startingDeadlineSeconds int
successfulJobsHistoryLimit int
suspend bool
timeZone text
""",
    "batch.v1.Job": """
metadata meta.v1.ObjectMeta
spec batch.v1.JobSpec
""",
    "batch.v1.JobSchedulingConfiguration": """
disruptionMode scheduling.v1alpha3.WorkloadPodGroupDisruptionMode
resourceClaims []scheduling.v1alpha3.WorkloadPodGroupResourceClaim by:name
schedulingConstraints scheduling.v1alpha3.WorkloadPodGroupSchedulingConstraints
schedulingPolicy scheduling.v1alpha3.WorkloadPodGroupSchedulingPolicy
""",
    "batch.v1.JobSpec": """
activeDeadlineSeconds int
backoffLimit int
backoffLimitPerIndex int
completionMode text
completions int
managedBy text
manualSelector bool
maxFailedIndexes int
parallelism int
podFailurePolicy batch.v1.PodFailurePolicy
podReplacementPolicy text
scheduling batch.v1.JobSchedulingConfiguration
selector meta.v1.LabelSelector
successPolicy batch.v1.SuccessPolicy
suspend bool
template! core.v1.PodTemplateSpec
ttlSecondsAfterFinished int
""",
    "batch.v1.JobTemplateSpec": """
metadata meta.v1.ObjectMeta
spec batch.v1.JobSpec
""",
    "batch.v1.PodFailurePolicy": """
rules! []batch.v1.PodFailurePolicyRule
""",
    "batch.v1.PodFailurePolicyOnExitCodesRequirement": """
containerName text
operator! text
values! []int set
""",
    "batch.v1.PodFailurePolicyOnPodConditionsPattern": """
status text
type! text
""",
    "batch.v1.PodFailurePolicyRule": """
action! text
onExitCodes batch.v1.PodFailurePolicyOnExitCodesRequirement
onPodConditions []batch.v1.PodFailurePolicyOnPodConditionsPattern
""",
    "batch.v1.SuccessPolicy": """
rules! []batch.v1.SuccessPolicyRule
""",
    "batch.v1.SuccessPolicyRule": """
succeededCount int
succeededIndexes text
""",
    "core.v1.AWSElasticBlockStoreVolumeSource": """
fsType text
partition int
readOnly bool
volumeID! text
""",
    "core.v1.Affinity": """
nodeAffinity core.v1.NodeAffinity
podAffinity core.v1.PodAffinity
podAntiAffinity core.v1.PodAntiAffinity
""",
    "core.v1.AppArmorProfile": """
localhostProfile text
type! text
""",
    "core.v1.AzureDiskVolumeSource": """
cachingMode text
diskName! text
diskURI! text
fsType text
kind text
readOnly bool
""",
    "core.v1.AzureFilePersistentVolumeSource": """
readOnly bool
secretName! text
secretNamespace text
shareName! text
""",
    "core.v1.AzureFileVolumeSource": """
readOnly bool
secretName! text
shareName! text
""",
    "core.v1.CSIPersistentVolumeSource": """
controllerExpandSecretRef core.v1.SecretReference
controllerPublishSecretRef core.v1.SecretReference
driver! text
fsType text
nodeExpandSecretRef core.v1.SecretReference
nodePublishSecretRef core.v1.SecretReference
nodeStageSecretRef core.v1.SecretReference
readOnly bool
volumeAttributes {}text
volumeHandle! text
""",
    "core.v1.CSIVolumeSource": """
driver! text
fsType text
nodePublishSecretRef core.v1.LocalObjectReference
readOnly bool
volumeAttributes {}text
""",
    "core.v1.Capabilities": """
add []text
drop []text
""",
    "core.v1.CephFSPersistentVolumeSource": """
monitors! []text
path text
readOnly bool
secretFile text
secretRef core.v1.SecretReference
user text
""",
    "core.v1.CephFSVolumeSource": """
monitors! []text
path text
readOnly bool
secretFile text
secretRef core.v1.LocalObjectReference
user text
""",
    "core.v1.CinderPersistentVolumeSource": """
fsType text
readOnly bool
secretRef core.v1.SecretReference
volumeID! text
""",
    "core.v1.CinderVolumeSource": """
fsType text
readOnly bool
secretRef core.v1.LocalObjectReference
volumeID! text
""",
    "core.v1.ClientIPConfig": """
timeoutSeconds int
""",
    "core.v1.ClusterTrustBundleProjection": """
labelSelector meta.v1.LabelSelector
name text
optional bool
path! text
signerName text
user int
""",
    "core.v1.ConfigMap": """
binaryData {}bytes
data {}text
immutable bool
metadata meta.v1.ObjectMeta
""",
    "core.v1.ConfigMapEnvSource": """
name text
optional bool
""",
    "core.v1.ConfigMapKeySelector": """
key! text
name text
optional bool
""",
    "core.v1.ConfigMapProjection": """
items []core.v1.KeyToPath
name text
optional bool
""",
    "core.v1.ConfigMapVolumeSource": """
defaultMode int
defaultUser int
items []core.v1.KeyToPath
name text
optional bool
""",
    "core.v1.Container": """
args []text
command []text
env []core.v1.EnvVar by:name
envFrom []core.v1.EnvFromSource
image text
imagePullPolicy text
lifecycle core.v1.Lifecycle
livenessProbe core.v1.Probe
name! text
ports []core.v1.ContainerPort by:containerPort,protocol
readinessProbe core.v1.Probe
resizePolicy []core.v1.ContainerResizePolicy
resources core.v1.ResourceRequirements
restartPolicy text
restartPolicyRules []core.v1.ContainerRestartRule
securityContext core.v1.SecurityContext
startupProbe core.v1.Probe
stdin bool
stdinOnce bool
terminationMessagePath text
terminationMessagePolicy text
tty bool
volumeDevices []core.v1.VolumeDevice by:devicePath
volumeMounts []core.v1.VolumeMount by:mountPath
workingDir text
""",
    "core.v1.ContainerPort": """
containerPort! int
hostIP text
hostPort int
name text
protocol text
""",
    "core.v1.ContainerResizePolicy": """
resourceName! text
restartPolicy! text
""",
    "core.v1.ContainerRestartRule": """
action! text
exitCodes core.v1.ContainerRestartRuleOnExitCodes
""",
    "core.v1.ContainerRestartRuleOnExitCodes": """
operator! text
values []int set
""",
    "core.v1.DownwardAPIProjection": """
items []core.v1.DownwardAPIVolumeFile
""",
    "core.v1.DownwardAPIVolumeFile": """
fieldRef core.v1.ObjectFieldSelector
mode int
path! text
resourceFieldRef core.v1.ResourceFieldSelector
user int
""",
    "core.v1.DownwardAPIVolumeSource": """
defaultMode int
defaultUser int
items []core.v1.DownwardAPIVolumeFile
""",
    "core.v1.EmptyDirVolumeSource": """
medium text
mode int
sizeLimit quantity
""",
    "core.v1.EndpointAddress": """
hostname text
ip! text
nodeName text
targetRef core.v1.ObjectReference
""",
    "core.v1.EndpointPort": """
appProtocol text
name text
port! int
protocol text
""",
    "core.v1.EndpointSubset": """
addresses []core.v1.EndpointAddress
notReadyAddresses []core.v1.EndpointAddress
ports []core.v1.EndpointPort
""",
    "core.v1.Endpoints": """
metadata meta.v1.ObjectMeta
subsets []core.v1.EndpointSubset
""",
    "core.v1.EnvFromSource": """
configMapRef core.v1.ConfigMapEnvSource
prefix text
secretRef core.v1.SecretEnvSource
""",
    "core.v1.EnvVar": """
name! text
value text
valueFrom core.v1.EnvVarSource
""",
    "core.v1.EnvVarSource": """
configMapKeyRef core.v1.ConfigMapKeySelector
fieldRef core.v1.ObjectFieldSelector
fileKeyRef core.v1.FileKeySelector
resourceFieldRef core.v1.ResourceFieldSelector
secretKeyRef core.v1.SecretKeySelector
""",
    "core.v1.EphemeralContainer": """
args []text
command []text
env []core.v1.EnvVar by:name
envFrom []core.v1.EnvFromSource
image text
imagePullPolicy text
lifecycle core.v1.Lifecycle
livenessProbe core.v1.Probe
name! text
ports []core.v1.ContainerPort by:containerPort,protocol
readinessProbe core.v1.Probe
resizePolicy []core.v1.ContainerResizePolicy
resources core.v1.ResourceRequirements
restartPolicy text
restartPolicyRules []core.v1.ContainerRestartRule
securityContext core.v1.SecurityContext
startupProbe core.v1.Probe
stdin bool
stdinOnce bool
targetContainerName text
terminationMessagePath text
terminationMessagePolicy text
tty bool
volumeDevices []core.v1.VolumeDevice by:devicePath
volumeMounts []core.v1.VolumeMount by:mountPath
workingDir text
""",
    "core.v1.EphemeralVolumeSource": """
volumeClaimTemplate core.v1.PersistentVolumeClaimTemplate
""",
    "core.v1.EvictionResponder": """
name! text
priority! int
""",
    "core.v1.ExecAction": """
command []text
""",
    "core.v1.FCVolumeSource": """
fsType text
lun int
readOnly bool
targetWWNs []text
wwids []text
""",
    "core.v1.FileKeySelector": """
key! text
optional bool
path! text
volumeName! text
""",
    "core.v1.FlexPersistentVolumeSource": """
driver! text
fsType text
options {}text
readOnly bool
secretRef core.v1.SecretReference
""",
    "core.v1.FlexVolumeSource": """
driver! text
fsType text
options {}text
readOnly bool
secretRef core.v1.LocalObjectReference
""",
    "core.v1.FlockerVolumeSource": """
datasetName text
datasetUUID text
""",
    "core.v1.GCEPersistentDiskVolumeSource": """
fsType text
partition int
pdName! text
readOnly bool
""",
    "core.v1.GRPCAction": """
mode text
port! int
service text
""",
    "core.v1.GitRepoVolumeSource": """
directory text
repository! text
revision text
""",
    "core.v1.GlusterfsPersistentVolumeSource": """
endpoints! text
endpointsNamespace text
path! text
readOnly bool
""",
    "core.v1.GlusterfsVolumeSource": """
endpoints! text
path! text
readOnly bool
""",
    "core.v1.HTTPGetAction": """
host text
httpHeaders []core.v1.HTTPHeader
path text
port! int|text
protocol text
scheme text
""",
    "core.v1.HTTPHeader": """
name! text
value! text
""",
    "core.v1.HostAlias": """
hostnames []text
ip! text
""",
    "core.v1.HostPathVolumeSource": """
path! text
type text
""",
    "core.v1.ISCSIPersistentVolumeSource": """
chapAuthDiscovery bool
chapAuthSession bool
fsType text
initiatorName text
iqn! text
iscsiInterface text
lun! int
portals []text
readOnly bool
secretRef core.v1.SecretReference
targetPortal! text
""",
    "core.v1.ISCSIVolumeSource": """
chapAuthDiscovery bool
chapAuthSession bool
fsType text
initiatorName text
iqn! text
iscsiInterface text
lun! int
portals []text
readOnly bool
secretRef core.v1.LocalObjectReference
targetPortal! text
""",
    "core.v1.ImageVolumeSource": """
pullPolicy text
reference text
""",
    "core.v1.KeyToPath": """
key! text
mode int
path! text
user int
""",
    "core.v1.Lifecycle": """
postStart core.v1.LifecycleHandler
preStop core.v1.LifecycleHandler
stopSignal text
""",
    "core.v1.LifecycleHandler": """
exec core.v1.ExecAction
httpGet core.v1.HTTPGetAction
sleep core.v1.SleepAction
tcpSocket core.v1.TCPSocketAction
""",
    "core.v1.LimitRange": """
metadata meta.v1.ObjectMeta
spec core.v1.LimitRangeSpec
""",
    "core.v1.LimitRangeItem": """
default {}quantity
defaultRequest {}quantity
max {}quantity
maxLimitRequestRatio {}quantity
min {}quantity
type! text
""",
    "core.v1.LimitRangeSpec": """
limits! []core.v1.LimitRangeItem
""",
    "core.v1.LocalObjectReference": """
name text
""",
    "core.v1.LocalVolumeSource": """
fsType text
path! text
""",
    "core.v1.NFSVolumeSource": """
path! text
readOnly bool
server! text
""",
    "core.v1.Namespace": """
metadata meta.v1.ObjectMeta
spec core.v1.NamespaceSpec
""",
    "core.v1.NamespaceSpec": """
finalizers []text
""",
    "core.v1.NodeAffinity": """
preferredDuringSchedulingIgnoredDuringExecution []core.v1.PreferredSchedulingTerm
requiredDuringSchedulingIgnoredDuringExecution core.v1.NodeSelector
""",
    "core.v1.NodeSelector": """
nodeSelectorTerms! []core.v1.NodeSelectorTerm
""",
    "core.v1.NodeSelectorRequirement": """
key! text
operator! text
values []text
""",
    "core.v1.NodeSelectorTerm": """
matchExpressions []core.v1.NodeSelectorRequirement
matchFields []core.v1.NodeSelectorRequirement
""",
    "core.v1.ObjectFieldSelector": """
apiVersion text
fieldPath! text
""",
    "core.v1.ObjectReference": """
apiVersion text
fieldPath text
kind text
name text
namespace text
resourceVersion text
uid text
""",
    "core.v1.PersistentVolume": """
metadata meta.v1.ObjectMeta
spec core.v1.PersistentVolumeSpec
""",
    "core.v1.PersistentVolumeClaim": """
metadata meta.v1.ObjectMeta
spec core.v1.PersistentVolumeClaimSpec
""",
    "core.v1.PersistentVolumeClaimSpec": """
accessModes []text
dataSource core.v1.TypedLocalObjectReference
dataSourceRef core.v1.TypedObjectReference
resources core.v1.VolumeResourceRequirements
selector meta.v1.LabelSelector
storageClassName text
volumeAttributesClassName text
volumeMode text
volumeName text
""",
    "core.v1.PersistentVolumeClaimTemplate": """
metadata meta.v1.ObjectMeta
spec! core.v1.PersistentVolumeClaimSpec
""",
    "core.v1.PersistentVolumeClaimVolumeSource": """
claimName! text
readOnly bool
""",
    "core.v1.PersistentVolumeSpec": """
accessModes []text
awsElasticBlockStore core.v1.AWSElasticBlockStoreVolumeSource
azureDisk core.v1.AzureDiskVolumeSource
azureFile core.v1.AzureFilePersistentVolumeSource
capacity {}quantity
cephfs core.v1.CephFSPersistentVolumeSource
cinder core.v1.CinderPersistentVolumeSource
claimRef core.v1.ObjectReference
csi core.v1.CSIPersistentVolumeSource
fc core.v1.FCVolumeSource
flexVolume core.v1.FlexPersistentVolumeSource
flocker core.v1.FlockerVolumeSource
gcePersistentDisk core.v1.GCEPersistentDiskVolumeSource
glusterfs core.v1.GlusterfsPersistentVolumeSource
hostPath core.v1.HostPathVolumeSource
iscsi core.v1.ISCSIPersistentVolumeSource
local core.v1.LocalVolumeSource
mountOptions []text
nfs core.v1.NFSVolumeSource
nodeAffinity core.v1.VolumeNodeAffinity
persistentVolumeReclaimPolicy text
photonPersistentDisk core.v1.PhotonPersistentDiskVolumeSource
portworxVolume core.v1.PortworxVolumeSource
quobyte core.v1.QuobyteVolumeSource
rbd core.v1.RBDPersistentVolumeSource
scaleIO core.v1.ScaleIOPersistentVolumeSource
storageClassName text
storageos core.v1.StorageOSPersistentVolumeSource
volumeAttributesClassName text
volumeMode text
vsphereVolume core.v1.VsphereVirtualDiskVolumeSource
""",
    "core.v1.PhotonPersistentDiskVolumeSource": """
fsType text
pdID! text
""",
    "core.v1.Pod": """
metadata meta.v1.ObjectMeta
spec core.v1.PodSpec
""",
    "core.v1.PodAffinity": """
preferredDuringSchedulingIgnoredDuringExecution []core.v1.WeightedPodAffinityTerm
requiredDuringSchedulingIgnoredDuringExecution []core.v1.PodAffinityTerm
""",
    "core.v1.PodAffinityTerm": """
labelSelector meta.v1.LabelSelector
matchLabelKeys []text
mismatchLabelKeys []text
namespaceSelector meta.v1.LabelSelector
namespaces []text
topologyKey! text
""",
    "core.v1.PodAntiAffinity": """
preferredDuringSchedulingIgnoredDuringExecution []core.v1.WeightedPodAffinityTerm
requiredDuringSchedulingIgnoredDuringExecution []core.v1.PodAffinityTerm
""",
    "core.v1.PodCertificateProjection": """
certificateChainPath text
credentialBundlePath text
keyPath text
keyType! text
maxExpirationSeconds int
signerName! text
user int
userAnnotations {}text
""",
    "core.v1.PodDNSConfig": """
nameservers []text
options []core.v1.PodDNSConfigOption
searches []text
""",
    "core.v1.PodDNSConfigOption": """
name text
value text
""",
    "core.v1.PodOS": """
name! text
""",
    "core.v1.PodReadinessGate": """
conditionType! text
""",
    "core.v1.PodResourceClaim": """
name! text
resourceClaimName text
resourceClaimTemplateName text
""",
    "core.v1.PodSchedulingGate": """
name! text
""",
    "core.v1.PodSchedulingGroup": """
podGroupName text
""",
    "core.v1.PodSecurityContext": """
appArmorProfile core.v1.AppArmorProfile
fsGroup int
fsGroupChangePolicy text
runAsGroup int
runAsNonRoot bool
runAsUser int
seLinuxChangePolicy text
seLinuxOptions core.v1.SELinuxOptions
seccompProfile core.v1.SeccompProfile
supplementalGroups []int
supplementalGroupsPolicy text
sysctls []core.v1.Sysctl
windowsOptions core.v1.WindowsSecurityContextOptions
""",
    "core.v1.PodSpec": """
activeDeadlineSeconds int
affinity core.v1.Affinity
automountServiceAccountToken bool
containers! []core.v1.Container by:name
dnsConfig core.v1.PodDNSConfig
dnsPolicy text
enableServiceLinks bool
ephemeralContainers []core.v1.EphemeralContainer by:name
evictionResponders []core.v1.EvictionResponder by:name
hostAliases []core.v1.HostAlias by:ip
hostIPC bool
hostNetwork bool
hostPID bool
hostUsers bool
hostname text
hostnameOverride text
imagePullSecrets []core.v1.LocalObjectReference by:name
initContainers []core.v1.Container by:name
nodeName text
nodeSelector {}text
os core.v1.PodOS
overhead {}quantity
preemptionPolicy text
priority int
priorityClassName text
readinessGates []core.v1.PodReadinessGate
resourceClaims []core.v1.PodResourceClaim by:name
resources core.v1.ResourceRequirements
restartPolicy text
runtimeClassName text
schedulerName text
schedulingGates []core.v1.PodSchedulingGate by:name
schedulingGroup core.v1.PodSchedulingGroup
securityContext core.v1.PodSecurityContext
serviceAccount text
serviceAccountName text
setHostnameAsFQDN bool
shareProcessNamespace bool
subdomain text
terminationGracePeriodSeconds int
tolerations []core.v1.Toleration
topologySpreadConstraints []core.v1.TopologySpreadConstraint by:topologyKey,whenUnsatisfiable
volumes []core.v1.Volume by:name
""",
    "core.v1.PodTemplate": """
metadata meta.v1.ObjectMeta
template core.v1.PodTemplateSpec
""",
    "core.v1.PodTemplateSpec": """
metadata meta.v1.ObjectMeta
spec core.v1.PodSpec
""",
    "core.v1.PortworxVolumeSource": """
fsType text
readOnly bool
volumeID! text
""",
    "core.v1.PreferredSchedulingTerm": """
preference! core.v1.NodeSelectorTerm
weight! int
""",
    "core.v1.Probe": """
exec core.v1.ExecAction
failureThreshold int
grpc core.v1.GRPCAction
httpGet core.v1.HTTPGetAction
initialDelaySeconds int
periodSeconds int
successThreshold int
tcpSocket core.v1.TCPSocketAction
terminationGracePeriodSeconds int
timeoutSeconds int
""",
    "core.v1.ProjectedVolumeSource": """
defaultMode int
defaultUser int
sources []core.v1.VolumeProjection
""",
    "core.v1.QuobyteVolumeSource": """
group text
readOnly bool
registry! text
tenant text
user text
volume! text
""",
    "core.v1.RBDPersistentVolumeSource": """
fsType text
image! text
keyring text
monitors! []text
pool text
readOnly bool
secretRef core.v1.SecretReference
user text
""",
    "core.v1.RBDVolumeSource": """
fsType text
image! text
keyring text
monitors! []text
pool text
readOnly bool
secretRef core.v1.LocalObjectReference
user text
""",
    "core.v1.ReplicationController": """
metadata meta.v1.ObjectMeta
spec core.v1.ReplicationControllerSpec
""",
    "core.v1.ReplicationControllerSpec": """
minReadySeconds int
replicas int
selector {}text
template core.v1.PodTemplateSpec
""",
    "core.v1.ResourceClaim": """
name! text
request text
""",
    "core.v1.ResourceFieldSelector": """
containerName text
divisor quantity
resource! text
""",
    "core.v1.ResourceQuota": """
metadata meta.v1.ObjectMeta
spec core.v1.ResourceQuotaSpec
""",
    "core.v1.ResourceQuotaSpec": """
hard {}quantity
scopeSelector core.v1.ScopeSelector
scopes []text
""",
    "core.v1.ResourceRequirements": """
claims []core.v1.ResourceClaim by:name
limits {}quantity
requests {}quantity
""",
    "core.v1.SELinuxOptions": """
level text
role text
type text
user text
""",
    "core.v1.ScaleIOPersistentVolumeSource": """
fsType text
gateway! text
protectionDomain text
readOnly bool
secretRef! core.v1.SecretReference
sslEnabled bool
storageMode text
storagePool text
system! text
volumeName text
""",
    "core.v1.ScaleIOVolumeSource": """
fsType text
gateway! text
protectionDomain text
readOnly bool
secretRef! core.v1.LocalObjectReference
sslEnabled bool
storageMode text
storagePool text
system! text
volumeName text
""",
    "core.v1.ScopeSelector": """
matchExpressions []core.v1.ScopedResourceSelectorRequirement
""",
    "core.v1.ScopedResourceSelectorRequirement": """
operator! text
scopeName! text
values []text
""",
    "core.v1.SeccompProfile": """
localhostProfile text
type! text
""",
    "core.v1.Secret": """
data {}bytes
immutable bool
metadata meta.v1.ObjectMeta
stringData {}text
type text
""",
    "core.v1.SecretEnvSource": """
name text
optional bool
""",
    "core.v1.SecretKeySelector": """
key! text
name text
optional bool
""",
    "core.v1.SecretProjection": """
items []core.v1.KeyToPath
name text
optional bool
""",
    "core.v1.SecretReference": """
name text
namespace text
""",
    "core.v1.SecretVolumeSource": """
defaultMode int
defaultUser int
items []core.v1.KeyToPath
optional bool
secretName text
""",
    "core.v1.SecurityContext": """
allowPrivilegeEscalation bool
appArmorProfile core.v1.AppArmorProfile
capabilities core.v1.Capabilities
privileged bool
procMount text
readOnlyRootFilesystem bool
runAsGroup int
runAsNonRoot bool
runAsUser int
seLinuxOptions core.v1.SELinuxOptions
seccompProfile core.v1.SeccompProfile
windowsOptions core.v1.WindowsSecurityContextOptions
""",
    "core.v1.Service": """
metadata meta.v1.ObjectMeta
spec core.v1.ServiceSpec
""",
    "core.v1.ServiceAccount": """
automountServiceAccountToken bool
imagePullSecrets []core.v1.LocalObjectReference
metadata meta.v1.ObjectMeta
secrets []core.v1.ObjectReference by:name
""",
    "core.v1.ServiceAccountTokenProjection": """
audience text
expirationSeconds int
path! text
user int
""",
    "core.v1.ServicePort": """
appProtocol text
name text
nodePort int
port! int
protocol text
targetPort int|text
""",
    "core.v1.ServiceSpec": """
allocateLoadBalancerNodePorts bool
clusterIP text
clusterIPs []text
externalIPs []text
externalName text
externalTrafficPolicy text
healthCheckNodePort int
internalTrafficPolicy text
ipFamilies []text
ipFamilyPolicy text
loadBalancerClass text
loadBalancerIP text
loadBalancerSourceRanges []text
ports []core.v1.ServicePort by:port,protocol
publishNotReadyAddresses bool
selector {}text
sessionAffinity text
sessionAffinityConfig core.v1.SessionAffinityConfig
trafficDistribution text
type text
""",
    "core.v1.SessionAffinityConfig": """
clientIP core.v1.ClientIPConfig
""",
    "core.v1.SleepAction": """
seconds! int
""",
    "core.v1.StorageOSPersistentVolumeSource": """
fsType text
readOnly bool
secretRef core.v1.ObjectReference
volumeName text
volumeNamespace text
""",
    "core.v1.StorageOSVolumeSource": """
fsType text
readOnly bool
secretRef core.v1.LocalObjectReference
volumeName text
volumeNamespace text
""",
    "core.v1.Sysctl": """
name! text
value! text
""",
    "core.v1.TCPSocketAction": """
host text
port! int|text
""",
    "core.v1.Toleration": """
effect text
key text
operator text
tolerationSeconds int
value text
""",
    "core.v1.TopologySelectorLabelRequirement": """
key! text
values! []text
""",
    "core.v1.TopologySelectorTerm": """
matchLabelExpressions []core.v1.TopologySelectorLabelRequirement
""",
    "core.v1.TopologySpreadConstraint": """
labelSelector meta.v1.LabelSelector
matchLabelKeys []text
maxSkew! int
minDomains int
nodeAffinityPolicy text
nodeTaintsPolicy text
topologyKey! text
whenUnsatisfiable! text
""",
    "core.v1.TypedLocalObjectReference": """
apiGroup text
kind! text
name! text
""",
    "core.v1.TypedObjectReference": """
apiGroup text
kind! text
name! text
namespace text
""",
    "core.v1.Volume": """
awsElasticBlockStore core.v1.AWSElasticBlockStoreVolumeSource
azureDisk core.v1.AzureDiskVolumeSource
azureFile core.v1.AzureFileVolumeSource
cephfs core.v1.CephFSVolumeSource
cinder core.v1.CinderVolumeSource
configMap core.v1.ConfigMapVolumeSource
csi core.v1.CSIVolumeSource
downwardAPI core.v1.DownwardAPIVolumeSource
emptyDir core.v1.EmptyDirVolumeSource
ephemeral core.v1.EphemeralVolumeSource
fc core.v1.FCVolumeSource
flexVolume core.v1.FlexVolumeSource
flocker core.v1.FlockerVolumeSource
gcePersistentDisk core.v1.GCEPersistentDiskVolumeSource
gitRepo core.v1.GitRepoVolumeSource
glusterfs core.v1.GlusterfsVolumeSource
hostPath core.v1.HostPathVolumeSource
image core.v1.ImageVolumeSource
iscsi core.v1.ISCSIVolumeSource
name! text
nfs core.v1.NFSVolumeSource
persistentVolumeClaim core.v1.PersistentVolumeClaimVolumeSource
photonPersistentDisk core.v1.PhotonPersistentDiskVolumeSource
portworxVolume core.v1.PortworxVolumeSource
projected core.v1.ProjectedVolumeSource
quobyte core.v1.QuobyteVolumeSource
rbd core.v1.RBDVolumeSource
scaleIO core.v1.ScaleIOVolumeSource
secret core.v1.SecretVolumeSource
storageos core.v1.StorageOSVolumeSource
vsphereVolume core.v1.VsphereVirtualDiskVolumeSource
""",
    "core.v1.VolumeDevice": """
devicePath! text
name! text
""",
    "core.v1.VolumeMount": """
bindMountOptions []text set
mountPath! text
mountPropagation text
name! text
readOnly bool
recursiveReadOnly text
subPath text
subPathExpr text
""",
    "core.v1.VolumeNodeAffinity": """
required core.v1.NodeSelector
""",
    "core.v1.VolumeProjection": """
clusterTrustBundle core.v1.ClusterTrustBundleProjection
configMap core.v1.ConfigMapProjection
downwardAPI core.v1.DownwardAPIProjection
podCertificate core.v1.PodCertificateProjection
secret core.v1.SecretProjection
serviceAccountToken core.v1.ServiceAccountTokenProjection
""",
    "core.v1.VolumeResourceRequirements": """
limits {}quantity
requests {}quantity
""",
    "core.v1.VsphereVirtualDiskVolumeSource": """
fsType text
storagePolicyID text
storagePolicyName text
volumePath! text
""",
    "core.v1.WeightedPodAffinityTerm": """
podAffinityTerm! core.v1.PodAffinityTerm
weight! int
""",
    "core.v1.WindowsSecurityContextOptions": """
gmsaCredentialSpec text
gmsaCredentialSpecName text
hostProcess bool
runAsUserName text
""",
    "meta.v1.LabelSelector": """
matchExpressions []meta.v1.LabelSelectorRequirement
matchLabels {}text
""",
    "meta.v1.LabelSelectorRequirement": """
key! text
operator! text
values []text
""",
    "meta.v1.ManagedFieldsEntry": """
apiVersion text
fieldsType text
fieldsV1 any
manager text
operation text
subresource text
time time
""",
    "meta.v1.ObjectMeta": """
annotations {}text
creationTimestamp time
deletionGracePeriodSeconds int
deletionTimestamp time
finalizers []text set
generateName text
generation int
labels {}text
managedFields []meta.v1.ManagedFieldsEntry
name text
namespace text
ownerReferences []meta.v1.OwnerReference by:uid
resourceVersion text
selfLink text
uid text
""",
    "meta.v1.OwnerReference": """
apiVersion! text
blockOwnerDeletion bool
controller bool
kind! text
name! text
uid! text
""",
    "networking.v1.HTTPIngressPath": """
backend! networking.v1.IngressBackend
path text
pathType! text
""",
    "networking.v1.HTTPIngressRuleValue": """
paths! []networking.v1.HTTPIngressPath
""",
    "networking.v1.IPBlock": """
cidr! text
except []text
""",
    "networking.v1.Ingress": """
metadata meta.v1.ObjectMeta
spec networking.v1.IngressSpec
""",
    "networking.v1.IngressBackend": """
resource core.v1.TypedLocalObjectReference
service networking.v1.IngressServiceBackend
""",
    "networking.v1.IngressClass": """
metadata meta.v1.ObjectMeta
spec networking.v1.IngressClassSpec
""",
    "networking.v1.IngressClassParametersReference": """
apiGroup text
kind! text
name! text
namespace text
scope text
""",
    "networking.v1.IngressClassSpec": """
controller text
parameters networking.v1.IngressClassParametersReference
""",
    "networking.v1.IngressRule": """
host text
http networking.v1.HTTPIngressRuleValue
""",
    "networking.v1.IngressServiceBackend": """
name! text
port networking.v1.ServiceBackendPort
""",
    "networking.v1.IngressSpec": """
defaultBackend networking.v1.IngressBackend
ingressClassName text
rules []networking.v1.IngressRule
tls []networking.v1.IngressTLS
""",
    "networking.v1.IngressTLS": """
hosts []text
secretName text
""",
    "networking.v1.NetworkPolicy": """
metadata meta.v1.ObjectMeta
spec networking.v1.NetworkPolicySpec
""",
    "networking.v1.NetworkPolicyEgressRule": """
ports []networking.v1.NetworkPolicyPort
to []networking.v1.NetworkPolicyPeer
""",
    "networking.v1.NetworkPolicyIngressRule": """
from []networking.v1.NetworkPolicyPeer
ports []networking.v1.NetworkPolicyPort
""",
    "networking.v1.NetworkPolicyPeer": """
ipBlock networking.v1.IPBlock
namespaceSelector meta.v1.LabelSelector
podSelector meta.v1.LabelSelector
""",
    "networking.v1.NetworkPolicyPort": """
endPort int
port int|text
protocol text
""",
    "networking.v1.NetworkPolicySpec": """
egress []networking.v1.NetworkPolicyEgressRule
ingress []networking.v1.NetworkPolicyIngressRule
podSelector meta.v1.LabelSelector
policyTypes []text
""",
    "networking.v1.ServiceBackendPort": """
name text
number int
""",
    "policy.v1.PodDisruptionBudget": """
metadata meta.v1.ObjectMeta
spec policy.v1.PodDisruptionBudgetSpec
""",
    "policy.v1.PodDisruptionBudgetSpec": """
maxUnavailable int|text
minAvailable int|text
selector meta.v1.LabelSelector
unhealthyPodEvictionPolicy text
""",
    "rbac.v1.AggregationRule": """
clusterRoleSelectors []meta.v1.LabelSelector
""",
    "rbac.v1.ClusterRole": """
aggregationRule rbac.v1.AggregationRule
metadata meta.v1.ObjectMeta
rules []rbac.v1.PolicyRule
""",
    "rbac.v1.ClusterRoleBinding": """
metadata meta.v1.ObjectMeta
roleRef! rbac.v1.RoleRef
subjects []rbac.v1.Subject
""",
    "rbac.v1.PolicyRule": """
apiGroups []text
nonResourceURLs []text
resourceNames []text
resources []text
verbs! []text
""",
    "rbac.v1.Role": """
metadata meta.v1.ObjectMeta
rules []rbac.v1.PolicyRule
""",
    "rbac.v1.RoleBinding": """
metadata meta.v1.ObjectMeta
roleRef! rbac.v1.RoleRef
subjects []rbac.v1.Subject
""",
    "rbac.v1.RoleRef": """
apiGroup text
kind! text
name! text
""",
    "rbac.v1.Subject": """
apiGroup text
kind! text
name! text
namespace text
""",
    "resource.v1.CELDeviceSelector": """
expression! text
""",
    "resource.v1.CapacityRequirements": """
requests {}quantity
""",
    "resource.v1.DeviceClaim": """
config []resource.v1.DeviceClaimConfiguration
constraints []resource.v1.DeviceConstraint
requests []resource.v1.DeviceRequest
""",
    "resource.v1.DeviceClaimConfiguration": """
opaque resource.v1.OpaqueDeviceConfiguration
requests []text
""",
    "resource.v1.DeviceClass": """
metadata meta.v1.ObjectMeta
spec resource.v1.DeviceClassSpec
""",
    "resource.v1.DeviceClassConfiguration": """
opaque resource.v1.OpaqueDeviceConfiguration
""",
    "resource.v1.DeviceClassSpec": """
config []resource.v1.DeviceClassConfiguration
extendedResourceName text
selectors []resource.v1.DeviceSelector
""",
    "resource.v1.DeviceConstraint": """
distinctAttribute text
matchAttribute text
requests []text
""",
    "resource.v1.DeviceDerivedAttribute": """
expression! text
name! text
""",
    "resource.v1.DeviceRequest": """
exactly resource.v1.ExactDeviceRequest
firstAvailable []resource.v1.DeviceSubRequest
name! text
""",
    "resource.v1.DeviceSelector": """
cel resource.v1.CELDeviceSelector
""",
    "resource.v1.DeviceSubRequest": """
allocationMode text
capacity resource.v1.CapacityRequirements
count int
derivedAttributes []resource.v1.DeviceDerivedAttribute
deviceClassName! text
name! text
selectors []resource.v1.DeviceSelector
tolerations []resource.v1.DeviceToleration
""",
    "resource.v1.DeviceToleration": """
effect text
key text
operator text
tolerationSeconds int
value text
""",
    "resource.v1.ExactDeviceRequest": """
adminAccess bool
allocationMode text
capacity resource.v1.CapacityRequirements
count int
derivedAttributes []resource.v1.DeviceDerivedAttribute
deviceClassName! text
selectors []resource.v1.DeviceSelector
tolerations []resource.v1.DeviceToleration
""",
    "resource.v1.OpaqueDeviceConfiguration": """
driver! text
parameters! any
""",
    "resource.v1.ResourceClaim": """
metadata meta.v1.ObjectMeta
spec resource.v1.ResourceClaimSpec
""",
    "resource.v1.ResourceClaimSpec": """
devices resource.v1.DeviceClaim
""",
    "resource.v1.ResourceClaimTemplate": """
metadata meta.v1.ObjectMeta
spec resource.v1.ResourceClaimTemplateSpec
""",
    "resource.v1.ResourceClaimTemplateSpec": """
metadata meta.v1.ObjectMeta
spec resource.v1.ResourceClaimSpec
""",
    "scheduling.v1.PriorityClass": """
description text
globalDefault bool
metadata meta.v1.ObjectMeta
preemptionPolicy text
value int
""",
    "scheduling.v1alpha3.TopologyConstraint": """
key! text
""",
    "scheduling.v1alpha3.WorkloadPodGroupAllDisruptionMode": """

""",
    "scheduling.v1alpha3.WorkloadPodGroupBasicSchedulingPolicy": """

""",
    "scheduling.v1alpha3.WorkloadPodGroupDisruptionMode": """
all scheduling.v1alpha3.WorkloadPodGroupAllDisruptionMode
single scheduling.v1alpha3.WorkloadPodGroupSingleDisruptionMode
""",
    "scheduling.v1alpha3.WorkloadPodGroupGangSchedulingPolicy": """
minCount int
""",
    "scheduling.v1alpha3.WorkloadPodGroupResourceClaim": """
name! text
resourceClaimName text
resourceClaimTemplateName text
""",
    "scheduling.v1alpha3.WorkloadPodGroupSchedulingConstraints": """
topology []scheduling.v1alpha3.TopologyConstraint
""",
    "scheduling.v1alpha3.WorkloadPodGroupSchedulingPolicy": """
basic scheduling.v1alpha3.WorkloadPodGroupBasicSchedulingPolicy
gang scheduling.v1alpha3.WorkloadPodGroupGangSchedulingPolicy
""",
    "scheduling.v1alpha3.WorkloadPodGroupSingleDisruptionMode": """

""",
    "storage.v1.StorageClass": """
allowVolumeExpansion bool
allowedTopologies []core.v1.TopologySelectorTerm
metadata meta.v1.ObjectMeta
mountOptions []text
parameters {}text
provisioner! text
reclaimPolicy text
volumeBindingMode text
""",
}
