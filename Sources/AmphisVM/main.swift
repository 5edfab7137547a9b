print("amphis-vm")
