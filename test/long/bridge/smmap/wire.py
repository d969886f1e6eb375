"""The way to the Node.js process: one JSON line out, one JSON line back, then raw bytes if any."""
import json
import os
import subprocess
import sys
import weakref

_node = subprocess.Popen(
    [os.environ["SMMAP_BRIDGE_NODE"], os.environ["SMMAP_BRIDGE_SERVER"]],
    stdin=subprocess.PIPE, stdout=subprocess.PIPE)

# the proxies that are alive, by the id of their object: one object has one proxy
_proxies = weakref.WeakValueDictionary()
_classes = {}


class Descriptor:

    """A file descriptor of this process, as an argument: a number alone would be just a number"""

    def __init__(self, fd):
        self.fd = fd

    def name(self):
        return "/proc/%i/fd/%i" % (os.getpid(), self.fd)


class Proxy:

    """An object that lives in the Node.js process"""
    id = None

    def __init_subclass__(cls):
        _classes[cls.__name__] = cls

    def _create(self, *args):
        _adopt(self, ask("new", type(self).__name__, None, *args, raw=True)["object"])

    def _ask(self, name, *args):
        return ask("member", self.id, name, *args)

    def __del__(self):
        if self.id is not None and _node.poll() is None:
            ask("release", self.id)


def _adopt(proxy, id):
    proxy.id = id
    _proxies[id] = proxy


def _encode(value):
    if isinstance(value, Proxy):
        return {"object": value.id, "class": type(value).__name__}
    if isinstance(value, Descriptor):
        return {"fd": value.name()}
    if isinstance(value, dict):
        return {"options": {name: _encode(option) for name, option in value.items()}}
    if value is not True and value == sys.maxsize:
        return {"all": True}
    return value


def _decode(value):
    if not isinstance(value, dict):
        return value
    if "all" in value:
        return sys.maxsize
    proxy = _proxies.get(value["object"])
    if proxy is None:
        cls = _classes[value["class"]]
        proxy = cls.__new__(cls)
        _adopt(proxy, value["object"])
    return proxy


def ask(do, target, name=None, *args, raw=False):
    """:return: what the call or the property gave; misuse raises ValueError"""
    request = {"do": do, "target": target, "args": [_encode(arg) for arg in args]}
    if name is not None:
        request["name"] = name
    _node.stdin.write(json.dumps(request).encode() + b"\n")
    _node.stdin.flush()
    answer = json.loads(_node.stdout.readline())
    if "error" in answer:
        raise (ValueError if answer["misuse"] else OSError)(answer["error"])
    if "bytes" in answer:
        return _node.stdout.read(answer["bytes"])
    return answer["value"] if raw else _decode(answer["value"])


def named(path_or_fd):
    return Descriptor(path_or_fd) if isinstance(path_or_fd, int) else path_or_fd


def asker(name):
    """:return: a method that asks for the member called name"""
    return lambda self, *args: self._ask(name, *args)
