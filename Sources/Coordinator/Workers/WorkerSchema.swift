/// The JSON Schema of the messages between nasd and its workers; `Deploy/workers` has a copy for whoever writes one.
public enum WorkerSchema {
    /// The schema.
    public static let json = #"""
        {
          "$schema": "https://json-schema.org/draft/2020-12/schema",
          "title": "nasd-worker/1",
          "description": "One message a line, UTF-8, at most 1 MiB. Documentation/workers.md says what each means. Members that are not listed are passed over.",
          "oneOf": [
            {"$ref": "#/$defs/daemonHello"}, {"$ref": "#/$defs/evaluate"}, {"$ref": "#/$defs/train"}, {"$ref": "#/$defs/probe"},
            {"$ref": "#/$defs/save"}, {"$ref": "#/$defs/load"}, {"$ref": "#/$defs/cancel"}, {"$ref": "#/$defs/bye"},
            {"$ref": "#/$defs/workerHello"}, {"$ref": "#/$defs/result"}, {"$ref": "#/$defs/progress"}, {"$ref": "#/$defs/error"}
          ],
          "$defs": {
            "id": {"description": "Counted from 1 for each process; an answer has that of its request.", "type": "integer", "minimum": 1},
            "option": {"type": ["number", "string"]},
            "genome": {
              "description": "The decisions that count in an architecture, by their full names, with the values of their options.",
              "type": "object", "additionalProperties": {"$ref": "#/$defs/option"}
            },
            "plainName": {"description": "A file or folder within the slot's own folder.", "type": "string", "pattern": "^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"},
            "daemonHello": {
              "description": "Daemon to worker, first.",
              "type": "object",
              "required": ["type", "protocol", "run", "seed", "slot", "folder", "metrics", "space"],
              "properties": {
                "type": {"const": "hello"}, "protocol": {"const": "nasd-worker/1"}, "run": {"type": "string"},
                "seed": {"type": "integer"}, "slot": {"type": "integer", "minimum": 0},
                "folder": {"description": "The slot's own folder.", "type": "string"},
                "metrics": {"type": "array", "items": {"type": "string"}},
                "space": {
                  "type": "object", "required": ["name", "decisions"],
                  "properties": {
                    "name": {"type": "string"},
                    "decisions": {
                      "type": "array",
                      "items": {
                        "type": "object", "required": ["name", "options"],
                        "properties": {"name": {"type": "string"}, "options": {"type": "array", "items": {"$ref": "#/$defs/option"}}}
                      }
                    }
                  }
                }
              }
            },
            "evaluate": {
              "description": "Daemon to worker: measure an architecture.",
              "type": "object",
              "required": ["type", "id", "genome", "key", "stage", "samples", "weightsStep", "metrics"],
              "properties": {
                "type": {"const": "evaluate"}, "id": {"$ref": "#/$defs/id"}, "genome": {"$ref": "#/$defs/genome"},
                "key": {"description": "Names the architecture within its space.", "type": "string"},
                "stage": {"enum": ["search", "validation", "test"]},
                "samples": {"description": "Examples to measure on; 0 leaves it to the worker.", "type": "integer", "minimum": 0},
                "weightsStep": {"type": "integer", "minimum": 0},
                "metrics": {"type": "array", "items": {"type": "string"}}
              }
            },
            "train": {
              "description": "Daemon to worker: train the passes of some steps. Defined; this version sends none.",
              "type": "object",
              "required": ["type", "id", "from", "to", "seed", "passes"],
              "properties": {
                "type": {"const": "train"}, "id": {"$ref": "#/$defs/id"}, "from": {"type": "integer", "minimum": 0},
                "to": {"type": "integer", "minimum": 1}, "seed": {"type": "integer"},
                "passes": {
                  "description": "For each step its passes in order; a teacher's outputs are targets of those after it.",
                  "type": "array",
                  "items": {
                    "type": "array",
                    "items": {
                      "type": "object", "required": ["genome"],
                      "properties": {"genome": {"$ref": "#/$defs/genome"}, "teacher": {"type": "boolean"}}
                    }
                  }
                }
              }
            },
            "probe": {
              "description": "Daemon to worker: losses of architectures on examples that are held out for the sampler. Defined; this version sends none.",
              "type": "object",
              "required": ["type", "id", "genomes", "samples", "seed"],
              "properties": {
                "type": {"const": "probe"}, "id": {"$ref": "#/$defs/id"}, "genomes": {"type": "array", "items": {"$ref": "#/$defs/genome"}},
                "samples": {"type": "integer", "minimum": 1}, "seed": {"type": "integer"}
              }
            },
            "save": {
              "description": "Daemon to worker: write what the next step depends on. Defined; this version sends none.",
              "type": "object", "required": ["type", "id", "step", "name"],
              "properties": {"type": {"const": "save"}, "id": {"$ref": "#/$defs/id"}, "step": {"type": "integer"}, "name": {"$ref": "#/$defs/plainName"}}
            },
            "load": {
              "description": "Daemon to worker: go on from what was saved. Defined; this version sends none.",
              "type": "object", "required": ["type", "id", "step", "name"],
              "properties": {"type": {"const": "load"}, "id": {"$ref": "#/$defs/id"}, "step": {"type": "integer"}, "name": {"$ref": "#/$defs/plainName"}}
            },
            "cancel": {
              "description": "Daemon to worker: nobody waits for the answer; none need come.",
              "type": "object", "required": ["type", "id"], "properties": {"type": {"const": "cancel"}, "id": {"$ref": "#/$defs/id"}}
            },
            "bye": {
              "description": "Daemon to worker: end. The end of the input means the same.",
              "type": "object", "required": ["type"], "properties": {"type": {"const": "bye"}}
            },
            "workerHello": {
              "description": "Worker to daemon, its first line.",
              "type": "object",
              "required": ["type", "protocol", "can", "metrics"],
              "properties": {
                "type": {"const": "hello"}, "protocol": {"const": "nasd-worker/1"},
                "name": {"type": "string"},
                "can": {"type": "array", "items": {"enum": ["evaluate", "train", "probe"]}, "contains": {"const": "evaluate"}},
                "metrics": {
                  "description": "At least those that the run asks for.",
                  "type": "object",
                  "additionalProperties": {
                    "type": "object",
                    "properties": {"goal": {"enum": ["maximize", "minimize"]}, "unit": {"type": "string"}}
                  }
                },
                "stages": {"description": "Those that it measures at; absent for all.", "type": "array", "items": {"enum": ["search", "validation", "test"]}},
                "capacity": {"description": "Requests that it takes at a time.", "type": "integer", "minimum": 1, "maximum": 1024, "default": 1},
                "deterministic": {"description": "Whether the same request has the same answer to the bit.", "type": "boolean", "default": false},
                "heartbeat": {"description": "Seconds within which it says something while it works.", "type": ["number", "null"], "minimum": 0.1, "maximum": 3600},
                "device": {"type": "string"},
                "versions": {"type": "object", "additionalProperties": {"type": "string"}}
              }
            },
            "result": {
              "description": "Worker to daemon: the answer to evaluate. NaN and Infinity, as some writers of JSON have them, are read.",
              "type": "object", "required": ["type", "id", "metrics"],
              "properties": {
                "type": {"const": "result"}, "id": {"$ref": "#/$defs/id"},
                "metrics": {"type": "object", "additionalProperties": {"type": ["number", "null"]}},
                "samples": {"type": "integer", "minimum": 0, "maximum": 1000000000}
              }
            },
            "progress": {
              "description": "Worker to daemon: a sign of life.",
              "type": "object", "required": ["type"],
              "properties": {"type": {"const": "progress"}, "id": {"$ref": "#/$defs/id"}, "share": {"type": ["number", "null"], "minimum": 0, "maximum": 1}}
            },
            "error": {
              "description": "Worker to daemon: the request came to nothing.",
              "type": "object", "required": ["type", "id"],
              "properties": {
                "type": {"const": "error"}, "id": {"$ref": "#/$defs/id"}, "message": {"type": "string"},
                "retry": {"description": "Whether another try may come to something.", "type": "boolean", "default": false}
              }
            }
          }
        }

        """#
}
