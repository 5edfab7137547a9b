print("amphis")
