-- The health of an InferencePool, by the conditions of each of its parents. Put it into the ConfigMap argocd-cm, as
-- resource.customizations.health.inference.networking.k8s.io_InferencePool.
local health = {status = "Progressing", message = "no Gateway has taken it yet"}
if obj.status == nil or obj.status.parents == nil then
  return health
end
for _, parent in ipairs(obj.status.parents) do
  for _, condition in ipairs(parent.conditions or {}) do
    local isOld = condition.observedGeneration ~= nil and obj.metadata.generation ~= nil
      and condition.observedGeneration < obj.metadata.generation
    if isOld then
      return {status = "Progressing", message = "its Gateway has not looked at the last change yet"}
    end
    if condition.status == "False" and (condition.type == "Accepted" or condition.type == "ResolvedRefs") then
      return {status = "Degraded", message = condition.type .. ": " .. (condition.message or condition.reason or "")}
    end
    if condition.type == "Accepted" and condition.status == "True" then
      health = {status = "Healthy", message = "accepted"}
    end
  end
end
return health
