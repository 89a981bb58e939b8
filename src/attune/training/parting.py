"""What the processes of a training run say when one of them is lost. Imports nothing: who follows them reads it too."""

LOST = "another process of this training run was lost"
