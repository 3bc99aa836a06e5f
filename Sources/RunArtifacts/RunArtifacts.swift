// RunArtifacts
