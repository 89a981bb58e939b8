"""Which version answers: the policy, its verdict, the history of champions, comparisons."""
