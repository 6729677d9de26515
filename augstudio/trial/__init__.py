"""Whether a pipeline helps: networks trained with its copies and without, judged on pictures that they have not seen.

`settings` says what is asked, `dealing` who is judged when, `pictures` makes all small versions that are learnt from,
`network` trains (the only place that knows PyTorch), `result` tells what came of it, and `running` leads through all.
"""

from __future__ import annotations

from augstudio.trial.result import Comparison, Effect, TrialResult
from augstudio.trial.running import TrialStanding, run_trial
from augstudio.trial.settings import TrialError, TrialSettings

__all__ = ["Comparison", "Effect", "TrialError", "TrialResult", "TrialSettings", "TrialStanding", "run_trial"]
