"""An Asterisk in a folder, for tests and for trying things: found on this machine or brought, configured, run, ended.

`bringing` gets the program, `configuring` copies a configuration and gives it ports and folders of its own, `running`
starts one and ends it. The product knows nothing of all this: an operator's Asterisk runs by itself.
"""

from tools.asterisk.bringing import CannotBringError as CannotBringError
from tools.asterisk.bringing import bring as bring
from tools.asterisk.ports import Ports as Ports
from tools.asterisk.running import Asterisk as Asterisk
from tools.asterisk.running import CannotStartError as CannotStartError
