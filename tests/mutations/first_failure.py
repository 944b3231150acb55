"""A pytest plugin for mutations: a random spec that fails is enough, there is no need of the smallest one."""

from hypothesis import Phase, settings

settings.register_profile("first failure", phases=[Phase.explicit, Phase.generate], database=None)
settings.load_profile("first failure")
