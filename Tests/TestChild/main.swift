// A child that misbehaves on request; the supervisor's tests start it.
print("ready")
