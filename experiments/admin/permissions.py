"""What a member of staff may do here."""

VIEW_PERMISSION = "experiments.view_experiment"
ADD_PERMISSION = "experiments.add_experiment"
RAMP_PERMISSION = "experiments.ramp_experiment"
