# Reads the config: config/config.yaml, or the file of --configfile, which stands by itself.
import sys

SCRIPTS = RULES.parent / "scripts"
# Last, since the scripts have names such as `dataset`. A job's Python looks where this one does.
sys.path.append(str(SCRIPTS))
from batchscope.config.problem import ConfigError
from batchscope.config.reading import check_file
from snakemake.exceptions import WorkflowError

GIVEN = workflow.config_settings.configfiles

# As a module, this workflow is handed a config that was read elsewhere.
if workflow.modifier.is_main_snakefile():
    try:
        for file in GIVEN or ["config/config.yaml"]:
            check_file(os.path.relpath(file))
    except ConfigError as error:
        raise WorkflowError(str(error)) from None

if not GIVEN:

    configfile: "config/config.yaml"
