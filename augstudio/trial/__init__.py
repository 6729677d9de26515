"""Whether a pipeline helps: networks trained with its copies and without, judged on pictures that they have not seen.

`settings` says what is asked, `dealing` who is judged when, `pictures` makes all small versions that are learnt from,
`network` trains (the only place that knows PyTorch), `outcome` tells what came of it, and `running` leads through all.
"""

from __future__ import annotations

from augstudio.trial.outcome import Comparison, Outcome, Verdict
from augstudio.trial.running import Standing, run_trial
from augstudio.trial.settings import TrialError, TrialSettings

__all__ = ["Comparison", "Outcome", "Standing", "TrialError", "TrialSettings", "Verdict", "run_trial"]
