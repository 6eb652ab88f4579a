# A stick that is a keyboard too: made inside, of the kernel's own gadget drivers, on a virtual USB port.
# usage: composite.sh plug IMAGE SERIAL | composite.sh pull
set -e
gadget=/sys/kernel/config/usb_gadget/evil

if [ "$1" = pull ]; then
    echo > $gadget/UDC
    exit
fi

modprobe -a dummy_hcd libcomposite usb_f_mass_storage usb_f_hid
mkdir -p $gadget/strings/0x409 $gadget/configs/c.1 $gadget/functions/mass_storage.0 $gadget/functions/hid.0
echo 0x0951 > $gadget/idVendor
echo 0x1666 > $gadget/idProduct
echo "$3" > $gadget/strings/0x409/serialnumber
echo Evil > $gadget/strings/0x409/manufacturer
echo Stick > $gadget/strings/0x409/product
echo "$2" > $gadget/functions/mass_storage.0/lun.0/file
echo 1 > $gadget/functions/hid.0/protocol
echo 1 > $gadget/functions/hid.0/subclass
echo 8 > $gadget/functions/hid.0/report_length
# The report descriptor of a boot keyboard: HID 1.11, appendix B.1.
printf '\005\001\011\006\241\001\005\007\031\340\051\347\025\000\045\001\165\001\225\010\201\002\225\001\165\010\201\001\225\005\165\001\005\010\031\001\051\005\221\002\225\001\165\003\221\001\225\006\165\010\025\000\045\145\005\007\031\000\051\145\201\000\300' \
    > $gadget/functions/hid.0/report_desc
ln -sf $gadget/functions/mass_storage.0 $gadget/functions/hid.0 $gadget/configs/c.1/
basename /sys/class/udc/dummy_udc.0 > $gadget/UDC
